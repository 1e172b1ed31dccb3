import { describe, expect, it } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import { ClusterNode } from '../../../../engine/cluster/clusterNode.ts';
import { type ClusterServices, ClusterState, NO_CLUSTER_BUGS } from '../../../../engine/cluster/clusterState.ts';
import {
  CLUSTER_DOWN, CLUSTER_READ_ONLY, CROSS_SLOT, SLOT_NOT_SERVED, type SlotRequest, TRY_AGAIN, isPlainlyHere, redirection,
  redirectionOfWaiting,
} from '../../../../engine/cluster/redirect.ts';
import { Random } from '../../../../engine/core/random.ts';
import { keySlot } from '../../../../engine/cluster/slots.ts';
import type { ErrorReply } from '../../../../engine/protocol/reply.ts';
import { FakeHost } from '../../../support/fakeHost.ts';

const OURS = bytes('{b}1');
const OURS_TOO = bytes('{b}2');
const OTHERS = bytes('{a}1');
const NOBODYS = bytes('{foo}1');

/** We own the slot of {b}, another node that of {a}, nobody that of {foo}. */
const bench = (): { state: ClusterState; other: ClusterNode; settings: Map<string, string> } => {
  const settings = new Map<string, string>();
  const host = new FakeHost();
  const services: ClusterServices = {
    host, random: new Random(bytes('\x01'.repeat(12))), bugs: NO_CLUSTER_BUGS,
    settings: {
      text: (name) => bytes(settings.get(name) ?? ''), flag: (name) => settings.get(name) === 'yes', number: (name) => Number(settings.get(name)),
    },
    offset: () => 0, followed: () => null, follow: () => {}, promote: () => {}, dataAgeMs: () => 0,
    keysInSlot: () => 0, deleteKeysInSlot: () => {}, pauseWrites: () => {}, publish: () => {}, slotLost: () => {},
  };
  const state = new ClusterState(services, bytes('0'.repeat(40)));
  const other = new ClusterNode(bytes('1'.repeat(40)), host.nowMs);
  other.ip = bytes('10.0.0.2');
  other.port = 7002;
  state.addNode(other);
  state.assignSlot(keySlot(OURS), state.myself);
  state.assignSlot(keySlot(OTHERS), other);
  state.isOk = true;
  return { state, other, settings };
};

const request = (keys: readonly Bytes[], more: Partial<SlotRequest> = {}): SlotRequest => ({
  keys, isWrite: false, queuedWrites: false, isShardPubsub: false, isMigrate: false, isAsking: false, isReadOnlyClient: false, ...more,
});

const text = (reply: ErrorReply | null): string | null => reply?.text ?? null;
const none = (): boolean => false;
const onlyFirst = (key: Bytes): boolean => key === OURS;

describe('redirection', () => {
  it('serves what is ours or has no keys, and sends the rest to its owner', () => {
    const { state } = bench();
    expect(redirection(state, request([]), none)).toBe(null);
    expect(redirection(state, request([OURS, OURS_TOO]), none)).toBe(null);
    expect(text(redirection(state, request([OTHERS]), none))).toBe('MOVED 15495 10.0.0.2:7002');
    expect(redirection(state, request([OURS, OTHERS]), none)).toBe(CROSS_SLOT);
    expect(redirection(state, request([NOBODYS, OURS]), none)).toBe(SLOT_NOT_SERVED);
  });

  it('is passed over only where it would let the request run', () => {
    for (const isOk of [true, false]) {
      for (const moving of ['none', 'out', 'in'] as const) {
        const { state, other } = bench();
        state.isOk = isOk;
        if (moving === 'out') state.migratingTo.set(keySlot(OURS), other);
        if (moving === 'in') state.importingFrom.set(keySlot(OTHERS), other);
        for (const key of [OURS, OTHERS, NOBODYS]) {
          const isPlain = isPlainlyHere(state, key);
          expect(isPlain).toBe(key === OURS && isOk && moving === 'none');
          if (isPlain) expect(redirection(state, request([key], { isWrite: true }), none)).toBe(null);
        }
      }
    }
  });

  it('names the endpoint that clients are to prefer', () => {
    const { state, other, settings } = bench();
    settings.set('cluster-preferred-endpoint-type', 'hostname');
    expect(text(redirection(state, request([OTHERS]), none))).toBe('MOVED 15495 ?:7002');
    other.hostname = bytes('b.example');
    expect(text(redirection(state, request([OTHERS]), none))).toBe('MOVED 15495 b.example:7002');
    settings.set('cluster-preferred-endpoint-type', 'unknown-endpoint');
    expect(text(redirection(state, request([OTHERS]), none))).toBe('MOVED 15495 :7002');
  });

  it('asks the target for keys that are gone from a slot on its way out', () => {
    const { state, other } = bench();
    state.migratingTo.set(keySlot(OURS), other);
    expect(redirection(state, request([OURS]), onlyFirst)).toBe(null);
    expect(text(redirection(state, request([OURS_TOO]), onlyFirst))).toBe('ASK 3300 10.0.0.2:7002');
    expect(redirection(state, request([OURS, OURS_TOO]), onlyFirst)).toBe(TRY_AGAIN);
    expect(redirection(state, request([OURS_TOO], { isMigrate: true }), none)).toBe(null);
    expect(redirection(state, request([OURS_TOO], { isShardPubsub: true }), none)).toBe(null);
  });

  it('serves a slot on its way in to those who say ASKING, if it has all of several keys', () => {
    const { state, other } = bench();
    const second = bytes('{a}2');
    state.importingFrom.set(keySlot(OTHERS), other);
    expect(text(redirection(state, request([OTHERS]), none))).toBe('MOVED 15495 10.0.0.2:7002');
    expect(redirection(state, request([OTHERS], { isAsking: true }), none)).toBe(null);
    expect(redirection(state, request([OTHERS, OTHERS], { isAsking: true }), none)).toBe(null);
    expect(redirection(state, request([OTHERS, second], { isAsking: true }), (key) => key === second)).toBe(TRY_AGAIN);
    expect(redirection(state, request([OTHERS, second], { isAsking: true }), () => true)).toBe(null);
  });

  it('lets a replica serve readers who asked for that, and shard channels', () => {
    const { state, other } = bench();
    state.dropSlotsOf(state.myself);
    state.myself.role = 'replica';
    state.setPrimaryOf(state.myself, other);
    expect(text(redirection(state, request([OTHERS]), none))).toBe('MOVED 15495 10.0.0.2:7002');
    expect(redirection(state, request([OTHERS], { isReadOnlyClient: true }), none)).toBe(null);
    expect(redirection(state, request([OTHERS], { isShardPubsub: true }), none)).toBe(null);
    for (const write of [{ isWrite: true }, { queuedWrites: true }]) {
      expect(text(redirection(state, request([OTHERS], { isReadOnlyClient: true, ...write }), none))).toBe('MOVED 15495 10.0.0.2:7002');
    }
  });

  it('says what a cluster that is down still does', () => {
    const { state, settings } = bench();
    state.isOk = false;
    expect(redirection(state, request([OURS]), none)).toBe(CLUSTER_DOWN);
    expect(redirection(state, request([OURS], { isShardPubsub: true }), none)).toBe(CLUSTER_DOWN);
    settings.set('cluster-allow-pubsubshard-when-down', 'yes');
    settings.set('cluster-allow-reads-when-down', 'yes');
    expect(redirection(state, request([OURS], { isShardPubsub: true }), none)).toBe(null);
    expect(redirection(state, request([OURS]), none)).toBe(null);
    expect(redirection(state, request([OURS], { isWrite: true }), none)).toBe(CLUSTER_READ_ONLY);
    expect(redirection(state, request([OURS, OTHERS], { isWrite: true }), none)).toBe(CROSS_SLOT);
  });

  it('sends away those who wait for keys that are served elsewhere, or nowhere', () => {
    const { state, other } = bench();
    expect(redirectionOfWaiting(state, OURS, false)).toBe(null);
    expect(text(redirectionOfWaiting(state, OTHERS, false))).toBe('MOVED 15495 10.0.0.2:7002');
    expect(redirectionOfWaiting(state, NOBODYS, false)).toBe(SLOT_NOT_SERVED);
    state.importingFrom.set(keySlot(OTHERS), other);
    expect(redirectionOfWaiting(state, OTHERS, false)).toBe(null);
    state.isOk = false;
    expect(redirectionOfWaiting(state, OURS, false)).toBe(CLUSTER_DOWN);
  });
});
