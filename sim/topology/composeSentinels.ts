/**
 * The sentinels of a Compose file: whom they watch, and whether what the services say can work together.
 *
 * Always holds: sentinels that can never do their work because of a contradiction in the file are an error; those that
 * work, but can never agree, are a warning, since that is a deployment one may want to see fail.
 */
import { PARALLEL_SYNCS, PRIMARY_HOST_DEFAULT, REBOOT_PERIOD_DIRECTIVE } from './bitnamiSentinel.ts';
import { variableKey } from './bitnamiVariables.ts';
import type { ComposeNode, SentinelNode } from './composeNode.ts';
import { checkReachable, containersAt, isDataNode, isSentinelNode } from './composeNode.ts';
import type { Followed } from './composePrimary.ts';
import { checkPassword, checkPort, followedBy } from './composePrimary.ts';
import type { ComposeReader } from './composeReader.ts';
import { sentinelDirectives } from './sentinelDirectives.ts';

/** The lines of the configuration file that the image writes at a sentinel's first start. */
export const watchDirectives = (
  reader: ComposeReader, node: SentinelNode, nodes: readonly ComposeNode[],
): readonly (readonly string[])[] => {
  const { sentinel } = node;
  const watched = watchedBy(reader, node, nodes);
  const { primary, hostName } = watched;
  const primaryName = sentinel.primaryName.text;
  checkPort(reader, node, sentinel.primaryPort, watched);
  checkPassword(reader, node, sentinel.primaryPassword, primary);
  checkReachable(reader, node, primary, 'which it watches');
  if (!sentinel.resolvesNames) {
    throw reader.error(
      node.service.line, variableKey(node.service, 'REDIS_SENTINEL_RESOLVE_HOSTNAMES'),
      `is off, and the primary is given by a name (${hostName}): Sentinel refuses to start so`);
  }
  return sentinelDirectives({
    primaryName, primaryHost: hostName, primaryPort: primary.redis.port,
    quorum: Number(sentinel.quorum.text), downAfterMs: sentinel.downAfterMs, failoverTimeoutMs: sentinel.failoverTimeoutMs,
    parallelSyncs: PARALLEL_SYNCS, port: sentinel.port, password: sentinel.password?.text,
    primaryUser: sentinel.primaryUser?.text, primaryPassword: sentinel.primaryPassword?.text,
    resolvesNames: sentinel.resolvesNames, announcesNames: sentinel.announcesNames,
    announceIp: sentinel.announceIp?.text, announcePort: sentinel.announcePort,
    more: sentinel.rebootDownAfterMs === 0 ? []
      : [['sentinel', REBOOT_PERIOD_DIRECTIVE, primaryName, String(sentinel.rebootDownAfterMs)]],
  });
};

/** The primary that the sentinels of this service watch. */
const watchedBy = (reader: ComposeReader, node: SentinelNode, nodes: readonly ComposeNode[]): Followed => {
  const { sentinel, service } = node;
  const byDefault = nodes.filter(isDataNode).find((other) => containersAt(other, PRIMARY_HOST_DEFAULT).length === 1);
  const followed = sentinel.primaryHost === null && byDefault !== undefined
    ? { primary: byDefault, hostName: PRIMARY_HOST_DEFAULT } : followedBy(reader, node, nodes);
  if (followed.primary.redis.role === 'replica') {
    const place = sentinel.primaryHost ?? service;
    throw reader.error(
      place.line, sentinel.primaryHost?.key ?? service.path,
      `'${followed.hostName}' is a replica; sentinels are told the primary, and find its replicas themselves`);
  }
  return followed;
};

/** What the sentinels of one name say must fit together. */
export const checkSentinels = (reader: ComposeReader, nodes: readonly ComposeNode[]): void => {
  const sentinels = nodes.filter(isSentinelNode).filter(({ service }) => service.replicas > 0);
  const first = new Map<string, SentinelNode>();
  for (const node of sentinels) {
    const { primaryName, quorum } = node.sentinel;
    const other = first.get(primaryName.text);
    first.set(primaryName.text, other ?? node);
    if (other === undefined) continue;
    const mine = watchedBy(reader, node, nodes).primary.service.name;
    const theirs = watchedBy(reader, other, nodes).primary.service.name;
    if (mine !== theirs) {
      throw reader.error(
        primaryName.line, primaryName.key, `${primaryName.text} is ${mine} here, but services.${other.service.name} says ${theirs}`);
    }
    if (quorum.text !== other.sentinel.quorum.text) {
      reader.warn(quorum.line, quorum.key, `is ${quorum.text}, but services.${other.service.name} says ${other.sentinel.quorum.text}`);
    }
  }
  for (const { sentinel: { primaryName, quorum } } of sentinels) {
    const count = sentinels.filter((node) => node.sentinel.primaryName.text === primaryName.text)
      .reduce((sum, node) => sum + node.service.replicas, 0);
    if (Number(quorum.text) <= count) continue;
    reader.warn(quorum.line, quorum.key, `is ${quorum.text}, but ${count === 1 ? '1 sentinel watches' : `${count} sentinels watch`} ${
      primaryName.text}: they can never agree that it is down`);
  }
};
