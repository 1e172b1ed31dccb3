/** Stands for modules of Node that a package names and a browser never reaches. */
export const NOTHING: Readonly<Record<string, never>> = {};
