/** The statements of the operator's notes (`seeds/claims.md`) as claims, by their numbers. */
import type { Claim } from './claim.ts';
import { clusterClaims } from './cluster.ts';
import { kubernetesClaims } from './kubernetes.ts';
import { persistenceClaims } from './persistence.ts';
import { replicationClaims } from './replication.ts';
import { sentinelClaims } from './sentinel.ts';
import { countingClaims } from './sentinelCounting.ts';
import { standaloneClaims } from './standalone.ts';

export const claims: readonly Claim[] = [
  ...standaloneClaims, ...replicationClaims, ...sentinelClaims, ...countingClaims, ...clusterClaims, ...persistenceClaims,
  ...kubernetesClaims,
].sort((left, right) => left.n - right.n);

export const findClaim = (n: number): Claim | undefined => claims.find((claim) => claim.n === n);
