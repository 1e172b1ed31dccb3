/**
 * A change of somebody's deployment, as data: what would be different, not in which file and key. `editFiles.ts` knows how each kind of
 * file says it.
 */

export type Mend =
  /** Every data node gets this directive: `['min-replicas-to-write', '1']`. */
  | { readonly kind: 'directive'; readonly words: readonly string[] }
  /** The append-only file is switched on at every data node. */
  | { readonly kind: 'appendOnly' }
  | { readonly kind: 'quorum'; readonly quorum: number }
  | { readonly kind: 'downAfter'; readonly ms: number }
  /** So many sentinels, and the quorum that goes with them. */
  | { readonly kind: 'sentinels'; readonly count: number; readonly quorum: number }
  /** So many replicas of the one primary. */
  | { readonly kind: 'replicas'; readonly count: number }
  /** What the runtime starts again when it ends. */
  | { readonly kind: 'restart' }
  /** The data directory of every data node is on a volume. */
  | { readonly kind: 'volume' }
  | { readonly kind: 'password'; readonly password: string }
  /** Which process runs on which machine, and which machine stands in which zone: a placement file. */
  | { readonly kind: 'place'; readonly machines: Readonly<Record<string, readonly string[]>>; readonly zones: Readonly<Record<string, readonly string[]>> };

/** In words, for tables: `quorum 2`. */
export const describeMend = (mend: Mend): string => {
  switch (mend.kind) {
    case 'directive': return mend.words.join(' ');
    case 'appendOnly': return 'appendonly yes';
    case 'quorum': return `quorum ${mend.quorum}`;
    case 'downAfter': return `down-after-milliseconds ${mend.ms}`;
    case 'sentinels': return `${mend.count} sentinels, quorum ${mend.quorum}`;
    case 'replicas': return `${mend.count} replicas`;
    case 'restart': return 'a restart policy: unless-stopped';
    case 'volume': return 'a volume for the data directory';
    case 'password': return 'a password';
    case 'place': return 'another placement';
  }
};
