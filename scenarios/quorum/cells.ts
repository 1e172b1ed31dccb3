/**
 * The cells of the availability table: so many sentinels, such a quorum, so many of them dead at the moment the primary dies.
 * And what follows from counting alone, to hold the runs against.
 *
 * Source: the Sentinel documentation of Redis (quorum and majority); the rows of the source document of this project.
 */

export const SENTINELS_MAX = 7;

export interface QuorumCell {
  readonly sentinels: number;
  readonly quorum: number;
  readonly failed: number;
}

/** Every cell for 1 to `sentinelsMax` sentinels, in the order in which a person reads the table. */
export const quorumCells = (sentinelsMax: number = SENTINELS_MAX): readonly QuorumCell[] => {
  const cells: QuorumCell[] = [];
  for (let sentinels = 1; sentinels <= sentinelsMax; sentinels++) {
    for (let quorum = 1; quorum <= sentinels; quorum++) {
      for (let failed = 0; failed <= sentinels; failed++) cells.push({ sentinels, quorum, failed });
    }
  }
  return cells;
};

export const majorityOf = (sentinels: number): number => Math.floor(sentinels / 2) + 1;

/** The living can agree that the primary is down. */
export const canDetect = ({ sentinels, quorum, failed }: QuorumCell): boolean => sentinels - failed >= quorum;

/** The living can elect a leader: a majority of all that are known, dead ones included, and no fewer than the quorum. */
export const canFailOver = ({ sentinels, quorum, failed }: QuorumCell): boolean =>
  sentinels - failed >= Math.max(quorum, majorityOf(sentinels));

/** How many sentinels may fail with the primary: by counting. */
export const survivableFailures = (sentinels: number, quorum: number): number =>
  Math.max(0, sentinels - Math.max(quorum, majorityOf(sentinels)));

/** A row of the source document: so many servers with that quorum are said to survive so many failures. */
export interface DocumentRow {
  readonly servers: number;
  readonly quorum: number;
  readonly survives: number;
}

export const DOCUMENT_ROWS: readonly DocumentRow[] = [
  { servers: 1, quorum: 1, survives: 0 }, { servers: 2, quorum: 2, survives: 0 }, { servers: 3, quorum: 2, survives: 1 },
  { servers: 4, quorum: 3, survives: 1 }, { servers: 5, quorum: 3, survives: 2 },
];

/** Under what the table holds: part of its text. */
export const PREMISES: readonly string[] = [
  'Every sentinel knew all others and the replicas before the fault.',
  'The living reach each other, an eligible replica lives, nobody is in TILT.',
  'The primary dies at the same moment as the failed sentinels.',
  'A failover "happens" within three tries: a lost or split vote waits 2 x failover-timeout for the next.',
  'down-after-milliseconds 3000, failover-timeout 18000.',
];

/** Where the quorum is read as more than it is. Each names the cells that show it. */
export const MISREADINGS: readonly { readonly text: string; readonly shows: readonly QuorumCell[] }[] = [
  {
    text: 'Quorum 2 of 5 detects with two living, and still needs three to fail over.',
    shows: [{ sentinels: 5, quorum: 2, failed: 3 }, { sentinels: 5, quorum: 2, failed: 2 }],
  },
  {
    text: 'Quorum 4 of 5 needs four: more than the majority.',
    shows: [{ sentinels: 5, quorum: 4, failed: 2 }, { sentinels: 5, quorum: 4, failed: 1 }],
  },
  {
    text: 'Votes are given without an own SDOWN: quorum 1 of 5 needs one observer and three voters.',
    shows: [{ sentinels: 5, quorum: 1, failed: 3 }, { sentinels: 5, quorum: 1, failed: 2 }],
  },
  {
    text: 'A second sentinel buys nothing: with quorum 1 of 2 one failure detects and cannot authorise.',
    shows: [{ sentinels: 2, quorum: 1, failed: 1 }],
  },
  {
    text: 'A sentinel beside its Redis dies with it: count the machine that dies with the primary among the failed.',
    shows: [{ sentinels: 3, quorum: 2, failed: 1 }, { sentinels: 2, quorum: 1, failed: 1 }],
  },
];
