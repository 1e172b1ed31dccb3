/** One primary, its replicas and the sentinels that watch it, as processes of either kind. Everything is stopped at the end. */
import { type ServerKind, type ServerProcess, eventually, startServerProcess } from './redisServer.ts';
import { type SentinelProcess, startSentinelProcess } from './sentinelProcess.ts';

export const NAME = 'mymain';
/** With less, a loaded machine makes sentinels of either kind find a living node to be down. */
const DOWN_AFTER_MS = 2000;

export interface DeploymentPlan {
  /** The first is the primary. */
  readonly servers: readonly ServerKind[];
  readonly sentinels: readonly ServerKind[];
  readonly quorum: number;
  readonly downAfterMs?: number;
  readonly failoverTimeoutMs?: number;
  /** Further lines of every sentinel's file. */
  readonly lines?: readonly string[];
}

export class Deployment {
  readonly servers: ServerProcess[];
  /** Replaced in place when one is swapped. */
  readonly sentinels: SentinelProcess[];

  private constructor(servers: ServerProcess[], sentinels: SentinelProcess[]) {
    this.servers = servers;
    this.sentinels = sentinels;
  }

  /** Starts all, waits until every sentinel knows everybody, runs `use`, and stops all. */
  static async with(plan: DeploymentPlan, use: (deployment: Deployment) => Promise<void>): Promise<void> {
    const deployment = new Deployment([], []);
    try {
      await deployment.start(plan);
      await use(deployment);
    } finally {
      await Promise.all([...deployment.servers, ...deployment.sentinels].map((one) => one.stop()));
      for (const sentinel of deployment.sentinels) sentinel.remove();
    }
  }

  private async start(plan: DeploymentPlan): Promise<void> {
    const common = ['--repl-diskless-sync-delay', '0', '--enable-debug-command', 'yes'];
    const [first = 'redis', ...others] = plan.servers;
    const primary = await startServerProcess(first, common);
    this.servers.push(primary);
    const follows = ['--replicaof', '127.0.0.1', String(primary.port)];
    await startAll(this.servers, others.map((kind) => startServerProcess(kind, [...common, ...follows])));
    await eventually(() => primary.cli('INFO', 'replication'), (text) =>
      (text.match(/state=online/g) ?? []).length === plan.servers.length - 1);
    const lines = [
      `sentinel monitor ${NAME} 127.0.0.1 ${primary.port} ${plan.quorum}`,
      `sentinel down-after-milliseconds ${NAME} ${plan.downAfterMs ?? DOWN_AFTER_MS}`,
      `sentinel failover-timeout ${NAME} ${plan.failoverTimeoutMs ?? 6000}`,
      ...plan.lines ?? [],
    ];
    await startAll(this.sentinels, plan.sentinels.map((kind) => startSentinelProcess(kind, lines)));
    await this.everybodyKnown(plan.servers.length - 1);
  }

  /** Until every sentinel has seen all others and `replicas` replicas, whose INFO it has. */
  async everybodyKnown(replicas: number): Promise<void> {
    for (const sentinel of this.sentinels) {
      await eventually(() => fields(sentinel.cli('SENTINEL', 'MASTER', NAME)), (known) =>
        known.get('num-other-sentinels') === String(this.sentinels.length - 1) && known.get('num-slaves') === String(replicas)
        && known.get('flags') === 'master');
      await eventually(() => sentinel.cli('SENTINEL', 'REPLICAS', NAME), (text) =>
        (text.match(/^master-link-status\nok$/gm) ?? []).length === replicas && !/disconnected|s_down/.test(text));
    }
  }

  /** The port that a sentinel takes for the primary's. */
  primaryPort(sentinel: SentinelProcess): number {
    return Number(sentinel.cli('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME).split('\n')[1]);
  }

  /** Until every running sentinel agrees on a primary other than `old`; its port. */
  async switched(old: number, withinMs = 30_000): Promise<number> {
    const running = this.sentinels.filter((sentinel) => sentinel.isRunning());
    const ports = await eventually(() => running.map((sentinel) => this.primaryPort(sentinel)), (seen) =>
      new Set(seen).size === 1 && seen[0] !== old, withinMs);
    return ports[0] as number;
  }

  server(port: number): ServerProcess {
    const found = this.servers.find((server) => server.port === port);
    if (found === undefined) throw new Error(`no server has port ${port}`);
    return found;
  }
}

/** Those that start join `started`, to be stopped in the end, even where another one fails. */
const startAll = async <Process>(started: Process[], starting: readonly Promise<Process>[]): Promise<void> => {
  const results = await Promise.allSettled(starting);
  for (const result of results) if (result.status === 'fulfilled') started.push(result.value);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
};

/** A flat reply of names and values, one a line. */
export const fields = (text: string): ReadonlyMap<string, string> => {
  const lines = text.split('\n');
  const found = new Map<string, string>();
  for (let index = 0; index + 1 < lines.length; index += 2) found.set(lines[index] as string, lines[index + 1] as string);
  return found;
};
