/** What `docs/fidelity.md` compares, and what it leaves out, with the reason. The order is that of the page. */

export const FIDELITY_SCENARIOS: readonly string[] = [
  'replication/primary-power-loss', 'replication/wait-and-still-lost', 'replication/promotion-keeps-partial-sync',
  'replication/chained-subtree', 'replication/manual-failover', 'replication/stale-replica-reads', 'replication/slow-replica-dropped',
  'replication/slow-replica-resumes', 'replication/one-node-is-linearizable', 'replication/not-linearizable-reads',
  'persistence/power-loss-snapshots', 'persistence/power-loss-everysec', 'persistence/power-loss-always',
  'persistence/unpersisted-restart', 'persistence/persisted-restart',
  'sentinel/primary-killed', 'sentinel/primary-paused', 'sentinel/primary-isolated', 'sentinel/minority-primary',
  'sentinel/manual-failover-under-load', 'sentinel/unpersisted-primary-reborn',
  'cluster/primary-killed', 'cluster/manual-failover', 'cluster/epoch-collision', 'cluster/one-way-partition',
  'cluster/partial-coverage', 'cluster/minority-partition', 'cluster/resharding', 'cluster/adding-a-node',
  'cluster/resharding-crash-mover-keys',
];

/** Scenarios of the library that real processes cannot be put through, or not in bounded time. */
export const LEFT_OUT: readonly { readonly scenarios: string; readonly why: string }[] = [
  { scenarios: '`persistence/slow-disk-primary`', why: 'the disk of a real machine cannot be slowed here' },
  { scenarios: '`sentinel/clock-jump`', why: 'the processes of one kernel share its clock' },
  { scenarios: '`*/chaos`', why: 'their plans draw faults of clocks and disks' },
  { scenarios: '`cluster/hundred-nodes`', why: 'a hundred processes are more than the machine has room for beside other runs' },
  { scenarios: 'the others', why: 'they show what one of the list shows too, and take longer' },
];
