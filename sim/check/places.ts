/** Finds the process that an address of a note means: `host:port`, the host as an address or as a name that the DNS knows now. */
import type { Bytes } from '../../engine/index.ts';
import { parseServerName } from '../client/redisClient.ts';
import type { Names } from '../net/names.ts';
import type { SimProcess } from '../node/simProcess.ts';
import type { NodeView } from './nodeView.ts';
import type { SentinelView } from './sentinelView.ts';

export class Places {
  private readonly names: Names;
  private readonly nodes: readonly NodeView[];
  private readonly sentinels: readonly SentinelView[];

  constructor(names: Names, nodes: readonly NodeView[], sentinels: readonly SentinelView[]) {
    this.names = names;
    this.nodes = nodes;
    this.sentinels = sentinels;
  }

  node(place: Bytes): NodeView | null {
    return this.find(this.nodes, place);
  }

  process(place: Bytes): SimProcess | null {
    return (this.find(this.nodes, place) ?? this.find(this.sentinels, place))?.process ?? null;
  }

  private find<View extends NodeView | SentinelView>(views: readonly View[], place: Bytes): View | null {
    const { host, port } = parseServerName(place);
    const addresses = this.names.find(host)?.addresses ?? [host];
    return views.find((view) => view.port === port && addresses.includes(view.process.machine.address)) ?? null;
  }
}
