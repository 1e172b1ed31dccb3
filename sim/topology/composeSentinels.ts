/**
 * The sentinels of a Compose file: whom they watch, and whether what the services say can work together.
 *
 * Always holds: sentinels that can never do their work because of a contradiction in the file are an error; those that
 * work, but can never agree, are a warning, since that is a deployment one may want to see fail.
 */
import { isAddress } from './addresses.ts';
import { PRIMARY_HOST_DEFAULT } from './bitnamiSentinel.ts';
import type { ComposeNode, SentinelNode } from './composeNode.ts';
import { checkReachable, containersAt, isDataNode, isSentinelNode } from './composeNode.ts';
import type { Followed } from './composePrimary.ts';
import { checkPassword, checkPort, watchedFirst } from './composePrimary.ts';
import type { ComposeReader } from './composeReader.ts';
import type { Directives, Watch } from './containers.ts';

/** The lines of the configuration file that the image writes, or was given, at a sentinel's first start. */
export const watchDirectives = (reader: ComposeReader, node: SentinelNode, nodes: readonly ComposeNode[]): Directives => {
  const { sentinel } = node;
  const places = sentinel.watches.map((watch) => {
    const watched = watchedBy(reader, node, watch, nodes);
    const { primary, hostName } = watched;
    checkPort(reader, sentinel.keys, watch.port, watched);
    checkPassword(reader, sentinel.keys, watch.password, primary);
    checkReachable(reader, node, primary, 'which it watches');
    if (!sentinel.resolvesNames && !isAddress(hostName)) {
      throw reader.errorAt(sentinel.resolvesNamesAt,
        `is off, and the primary is given by a name (${hostName}): Sentinel refuses to start so`);
    }
    return { host: hostName, port: primary.redis.port };
  });
  const [first] = places;
  return first === undefined ? [] : sentinel.configure(first.host, first.port);
};

/** The primary that the sentinels of this service watch under that name. */
const watchedBy = (reader: ComposeReader, node: SentinelNode, watch: Watch, nodes: readonly ComposeNode[]): Followed => {
  const { service, image } = node;
  const byDefault = watch.host === null && image.kind === 'bitnamiSentinel'
    ? nodes.filter(isDataNode).find((other) => containersAt(other, PRIMARY_HOST_DEFAULT).length === 1) : undefined;
  const followed = byDefault !== undefined
    ? { primary: byDefault, hostName: PRIMARY_HOST_DEFAULT } : watchedFirst(reader, node, watch, nodes);
  if (followed.primary.redis.role === 'replica') {
    throw reader.errorAt(watch.host ?? { line: service.line, key: service.path },
      `'${followed.hostName}' is a replica; sentinels are told the primary, and find its replicas themselves`);
  }
  return followed;
};

interface Watching extends Watch {
  readonly node: SentinelNode;
}

/** What the sentinels of one name say must fit together. */
export const checkSentinels = (reader: ComposeReader, nodes: readonly ComposeNode[]): void => {
  const all = nodes.filter(isSentinelNode).filter(({ service }) => service.replicas > 0)
    .flatMap((node) => node.sentinel.watches.map((watch): Watching => ({ ...watch, node })));
  const first = new Map<string, Watching>();
  for (const watch of all) {
    const { name, quorum, node } = watch;
    const other = first.get(name.text);
    first.set(name.text, other ?? watch);
    if (other === undefined) continue;
    const mine = watchedBy(reader, node, watch, nodes).primary.service.name;
    const theirs = watchedBy(reader, other.node, other, nodes).primary.service.name;
    if (mine !== theirs) {
      throw reader.errorAt(name, `${name.text} is ${mine} here, but services.${other.node.service.name} says ${theirs}`);
    }
    if (quorum.text !== other.quorum.text) {
      reader.warnAt(quorum, `is ${quorum.text}, but services.${other.node.service.name} says ${other.quorum.text}`);
    }
  }
  for (const { name, quorum } of all) {
    const count = all.filter((watch) => watch.name.text === name.text).reduce((sum, { node }) => sum + node.service.replicas, 0);
    if (Number(quorum.text) <= count) continue;
    reader.warnAt(quorum, `is ${quorum.text}, but ${count === 1 ? '1 sentinel watches' : `${count} sentinels watch`} ${
      name.text}: they can never agree that it is down`);
  }
};
