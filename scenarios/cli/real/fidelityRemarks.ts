/**
 * What became of the differences that campaigns found: written by hand, printed on `docs/fidelity.md`. Runs that a mending made
 * worthless are named with their number: they were made again, and are not in the table.
 */

export const MENDED: readonly string[] = [
  '**The virtual world** began every run at a full second, so that `appendfsync everysec`, which counts full seconds, lost 0.5 % before a power '
    + 'loss where a real server, which starts anywhere in a second, lost 1.6 %. Worlds begin at a drawn part of a second now.',
  '**The engine** logged a refused partial resynchronisation in one sentence; redis-server has another one where the backlog is too short '
    + '(`Unable to partial resync with replica …`). It showed as an event of one world only. So did the sentence of a FAILOVER that runs out '
    + 'of time, which the comparison of logs led to. 5 runs of `replication/slow-replica-dropped` were made again.',
  '**The measure**: of a register only the last value is seen. Where that is a write which its client had given up during a partition, and '
    + 'which its kernel delivered long after the heal, all later writes were called lost: 8 % in the virtual world and 4 % in the real one, by the '
    + 'luck of a retransmission. They are superseded. 3 runs of `cluster/minority-partition` were made again.',
  "**The real world's clock** began when servers were started. On a busy machine they answered up to half a second later, and Sentinel's "
    + 'pings then stood elsewhere in their second when the plan struck: failovers were 0.6 s faster than in the virtual world. Runs begin '
    + 'when all servers answer. 24 runs of scenarios with sentinels were made again; those of other scenarios stand, since nothing in them counts from the start.',
  "**The real world's boot** took some 100 ms to make a namespace, in which a client's SYN was lost and cost it the second of its timeout: outages "
    + 'of 6.1 s for 5.1 s. A machine is made ready while it has no power. 15 runs of `persistence/power-loss-*` were made again.',
  '**The moment of the hand-over** by FAILOVER was known to the simulator only; a plan can wait for it in the log of a real server too. 1 run of '
    + '`replication/manual-failover` without it was made again.',
  "**Our own server on TCP** had not finished its first synchronisation when plans struck, since `faultline server` loaded the whole command before it "
    + 'listened, six of them at once for seconds. It loads the engine only, and runs begin when all servers answer: `sentinel/primary-killed` takes 4.3 s in all three worlds.',
];

export const LIMITS: readonly string[] = [
  'A link that is suddenly slow: a real kernel takes the delay for loss, sends again and shrinks its congestion window, so what is written meanwhile waits '
    + 'for another round trip. In `replication/stale-replica-reads` real reads are out of date by 2.6 to 3.8 s, virtual ones by 2 s. Verdicts are the same. '
    + 'The virtual network has retransmissions, windows of the receiver and bandwidth, but no congestion window.',
  'Power: the virtual disk keeps a drawn part of what was not synced, a real file system mostly nothing that is younger than its writeback. The virtual '
    + 'loss is therefore the smaller one within the second that everysec allows; both are within the tolerance.',
  "Phases, and steps: Sentinel pings once a second, counted from its start. Virtual processes start in one instant, so the pings stand at the same part of "
    + 'a second whenever a plan strikes at a full one. Real ones start up to half a second before their run begins, the more the busier the machine, and find '
    + 'a silent primary that much earlier: 0.1 to 0.3 s in these runs, 0 in a run of a quieter moment. An outage ends in steps of the second for which a probe waits '
    + 'for a silent machine: struck at a full second, those 0.2 s decided in `sentinel/primary-paused` between 5.0 and 6.2 s, in both worlds. It strikes between two '
    + 'of them, and 13 runs were made again.',
  'Our own server on TCP takes about half a second to start, which `persistence/*` show at a boot: 5.5 s of outage, where redis-server needs 5.2.',
  'A loaded machine: every frame of the real world passes the switch, so a round trip takes milliseconds there and half a millisecond in the virtual world.',
];
