/** What became of differences that campaigns found: written by hand, printed on `docs/fidelity.md`. */
export const REMARKS: readonly string[] = [
  'The virtual world began every run at a full second, so that `appendfsync everysec`, which counts full seconds, lost less before a power loss '
    + 'than a real server, which starts anywhere in a second. A bug of the model, mended: worlds begin at a drawn part of a second.',
];
