/**
 * Which of the images that we know a service runs, told from its name: whatever registry, mirror or digest stands around it.
 *
 * Always holds: an image that serves Redis's protocol and is none of these is an error, since leaving it out would change
 * what the deployment survives; any other (an application, an exporter) is left out with one note.
 * Source: the documentation of each image; Bitnami's older tags moved to `bitnamilegacy`.
 */

type ImageKind = 'bitnami' | 'bitnamiSentinel' | 'bitnamiCluster' | 'official';

export interface KnownImage {
  readonly kind: ImageKind;
  readonly product: 'redis' | 'valkey';
  /** Empty: none is given. */
  readonly tag: string;
}

const KINDS: Readonly<Record<string, ImageKind>> = { '': 'bitnami', '-sentinel': 'bitnamiSentinel', '-cluster': 'bitnamiCluster' };

/** Null: it is none of ours. */
export const knownImage = (image: string): KnownImage | null => {
  const { name, tag } = splitImage(image);
  const parts = name.split('/');
  const path = parts.slice(-2).join('/');
  const bitnami = /^bitnami(?:legacy|secure)?\/(redis|valkey)(|-sentinel|-cluster)$/.exec(path);
  if (bitnami !== null) {
    const [, product, suffix = ''] = bitnami;
    return { kind: KINDS[suffix] ?? 'bitnami', product: product === 'valkey' ? 'valkey' : 'redis', tag };
  }
  const last = parts.at(-1) ?? '';
  const owner = parts.at(-2) ?? 'library';
  // `redis`, `library/redis`, `registry.example:5000/library/redis`, `mirror.example/redis`
  const isLibrary = owner === 'library' || /[.:]/.test(owner) || owner === 'localhost' || owner === 'docker';
  if (last === 'redis' && isLibrary) return { kind: 'official', product: 'redis', tag };
  if (last === 'valkey' && (owner === 'valkey' || isLibrary)) return { kind: 'official', product: 'valkey', tag };
  return null;
};

/** Whether it serves Redis's protocol, as far as its name says: leaving such a one out would not be honest. */
export const isLikeRedis = (image: string): boolean => {
  const last = splitImage(image).name.split('/').at(-1) ?? '';
  if (/export|insight|command|admin|brows|(?:^|[-_])ui(?:$|[-_])|web|monitor|stat|metric|backup|proxy|operator|tools?$|bench/.test(last)) {
    return false;
  }
  return /redis|valkey|keydb|dragonfly|kvrocks|garnet|redict/.test(last);
};

const splitImage = (image: string): { readonly name: string; readonly tag: string } => {
  const [bare = ''] = image.split('@', 1);
  const tag = /:([\w.-]+)$/.exec(bare)?.[1] ?? '';
  return { name: tag === '' ? bare : bare.slice(0, -tag.length - 1), tag };
};
