/**
 * What is known to differ between the version that a deployment's images name and the one that is modelled, Redis 7.0.15: one
 * line for each version that occurs, for the report.
 *
 * A tag that names a major version alone is that of its last minor one.
 *
 * Source: release notes of Redis 6.0, 6.2, 7.0, 7.2, 7.4 and 8.0, and of Valkey 7.2, 8.0, 8.1 and 9.0.
 */
import type { KnownImage } from './images.ts';

type Version = Pick<KnownImage, 'product' | 'tag'>;

interface Row {
  readonly product: KnownImage['product'];
  readonly tag: RegExp;
  readonly version: string;
  readonly differs: string;
}

const ROWS: readonly Row[] = [
  {
    product: 'redis', tag: /^[2-5](?:\.|$|-)/, version: 'Redis 5 or older',
    differs: 'no ACLs, replicas that load snapshots from the disk, sentinels that know no names, one AOF file instead of a directory',
  },
  {
    product: 'redis', tag: /^6\.0(?:\.|$|-)/, version: 'Redis 6.0',
    differs: 'sentinels know no names, no FAILOVER command, repl-diskless-sync off by default, one AOF file instead of a directory',
  },
  {
    product: 'redis', tag: /^6(?:\.[2-9]|$|-)/, version: 'Redis 6.2',
    differs: 'repl-diskless-sync off by default, one AOF file instead of a directory, no hostnames in clusters',
  },
  {
    product: 'redis', tag: /^7\.[12]/, version: 'Redis 7.2',
    differs: 'RDB version 11, WAITAOF, shard IDs and more extensions on the cluster bus, blocked commands that are executed anew',
  },
  {
    product: 'redis', tag: /^7(?:\.[3-9]|$|-)/, version: 'Redis 7.4',
    differs: 'what 7.2 brought, RDB version 12, expiry of hash fields',
  },
  {
    product: 'redis', tag: /^(?:[89]|\d\d)(?:\.|$|-)/, version: 'Redis 8',
    differs: 'what 7.4 brought, further data types, full synchronisation over a connection of its own, other eviction and I/O threads',
  },
  {
    product: 'valkey', tag: /^7(?:\.|$|-)/, version: 'Valkey 7.2',
    differs: 'as Redis 7.2: RDB version 11, WAITAOF, shard IDs and more extensions on the cluster bus',
  },
  {
    product: 'valkey', tag: /^8\.0(?:\.|$|-)/, version: 'Valkey 8.0',
    differs: 'what 7.2 brought, dual-channel replication (off by default), slot moves that replicas take part in, other I/O threads',
  },
  {
    product: 'valkey', tag: /^8(?:\.[1-9]|$|-)/, version: 'Valkey 8.1',
    differs: 'what 8.0 brought, faster detection and elections when several primaries of a cluster fail at once',
  },
  {
    product: 'valkey', tag: /^(?:9|\d\d)(?:\.|$|-)/, version: 'Valkey 9',
    differs: 'what 8.1 brought, atomic slot migration, several databases in a cluster, expiry of hash fields',
  },
];

/** The first line says what is modelled; then one for each other version, in the order in which they occur. */
export const versionNotes = (versions: readonly Version[]): readonly string[] => {
  const rows = new Set<Row>();
  const unknown = new Set<string>();
  for (const { product, tag } of versions) {
    const row = ROWS.find((one) => one.product === product && one.tag.test(tag));
    if (row !== undefined) rows.add(row);
    else if (product === 'valkey' || !/^7\.0(?:\.|$|-)/.test(tag)) {
      unknown.add(tag === '' ? `${product} without a tag` : `${product}:${tag}`);
    }
  }
  return [
    'the engine is that of Redis 7.0.15, whatever the images say',
    ...[...rows].map(({ version, differs }) => `${version} differs from it, and is not modelled: ${differs}`),
    ...[...unknown].map((name) => `${name} does not say which version that is, so its differences are not known`),
  ];
};
