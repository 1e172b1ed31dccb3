/**
 * What a running script asks of the server. Its commands run as those of a client of its own, after checks in Redis's order; what they
 * write belongs to the execution unit of the command that runs the script.
 * Source: script.c of Redis 7.0 (scriptCall and the scriptVerify functions), for behaviour and messages.
 */
import type { Host } from '../host.ts';
import type { Bytes } from '../core/bytes.ts';
import { Client } from '../commands/client.ts';
import { ErrorReply, NO_REPLY, type Reply, error } from '../protocol/reply.ts';
import { REPLICATE_TO_ALL, type ScriptLogLevel, type ScriptServices } from '../scripting/scriptEngine.ts';
import { CLUSTER_DOWN, CLUSTER_READ_ONLY } from '../cluster/redirect.ts';
import { keySlot } from '../cluster/slots.ts';
import type { Denial } from './aclSelector.ts';
import { keysOf } from './commandKeys.ts';
import { hasArity } from './commandLookup.ts';
import type { Command } from './commandTable.ts';
import type { Dispatch, DispatchParts } from './dispatch.ts';
import { OUT_OF_MEMORY } from './eviction.ts';
import { NO_CONNECTION } from './fileReplay.ts';

export interface ScriptCallParts extends Pick<DispatchParts,
  'config' | 'eviction' | 'persistence' | 'primarySide' | 'replicaSide' | 'state' | 'tracking'> {
  readonly host: Host;
  readonly dispatch: Dispatch;
  readonly isClustered: boolean;
}

/** How one script may act. */
export interface ScriptRights {
  readonly isReadOnly: boolean;
  /** Its keys may lie in several slots. */
  readonly mayCrossSlots: boolean;
  /** It may run commands that need memory when there is none. */
  readonly mayExceedMemory: boolean;
}

const UNKNOWN = error('ERR Unknown Redis command called from script');
const WRONG_ARITY = error('ERR Wrong number of args calling Redis command from script');
const NOT_ALLOWED = error('ERR This Redis command is not allowed from script');
const STALE = error('ERR Can not execute the command on a stale replica');
const READ_ONLY_SCRIPT = error('ERR Write commands are not allowed from read-only scripts.');
const READ_ONLY_REPLICA = error("READONLY You can't write against a read only replica.");
const NO_REPLICAS = error('NOREPLICAS Not enough good replicas to write.');
const CROSS_SLOT = error('ERR Script attempted to access keys that do not hash to the same slot');

const DENIALS: Readonly<Record<Denial['reason'], ErrorReply>> = {
  command: error("ERR The user executing the script can't run this command or subcommand"),
  key: error("ERR The user executing the script can't access at least one of the keys mentioned in the command arguments"),
  channel: error("ERR The user executing the script can't publish to the channel mentioned in the command"),
};

/** What a client would be told, and what a script is told instead; of all else that it lies elsewhere. */
const REDIRECTIONS: ReadonlyMap<ErrorReply, ErrorReply> = new Map([
  [CLUSTER_DOWN, error('ERR Script attempted to execute a command while the cluster is down')],
  [CLUSTER_READ_ONLY, error('ERR Script attempted to execute a write command while the cluster is down and readonly')],
]);
const ELSEWHERE = error('ERR Script attempted to access a non local key in a cluster node');

export class ScriptCalls implements ScriptServices {
  /** The script has written, or tried to. */
  hasWritten = false;
  private readonly parts: ScriptCallParts;
  private client: Client = scriptClient();
  /** Who asked for the script, and with which keys. */
  private caller: Client = this.client;
  private keys: readonly Bytes[] = [];
  private rights: ScriptRights = { isReadOnly: false, mayCrossSlots: true, mayExceedMemory: false };
  private isObeyed = false;
  private slot = -1;

  constructor(parts: ScriptCallParts) {
    this.parts = parts;
  }

  /** A script begins for `caller`, whose declared keys are `keys`. */
  begin(caller: Client, rights: ScriptRights, keys: readonly Bytes[]): void {
    const client = scriptClient();
    client.databaseId = caller.databaseId;
    client.authenticated = caller.authenticated;
    client.user = caller.user;
    client.isAsking = caller.isAsking;
    client.isReadOnly = caller.isReadOnly;
    this.isObeyed = caller.kind === 'primary';
    if (this.isObeyed) client.kind = 'primary';
    this.client = client;
    this.caller = caller;
    this.keys = keys;
    this.rights = rights;
    this.hasWritten = false;
    this.slot = keys[0] === undefined ? -1 : keySlot(keys[0]);
  }

  call(argv: readonly Bytes[], protocol: 2 | 3): Reply {
    const { dispatch } = this.parts;
    const { client } = this;
    client.protocol = protocol;
    const command = this.parts.dispatch.lookUp(argv);
    const refusal = command instanceof ErrorReply ? UNKNOWN : this.refusal(command, argv);
    if (refusal !== null || command instanceof ErrorReply) {
      const answer = refusal ?? UNKNOWN;
      dispatch.countError(answer);
      return answer;
    }
    client.lastCommand = command.name;
    if (command.isWrite) this.hasWritten = true;
    const reply = dispatch.call(client, command, argv);
    // By what the script was told that it may read, not by what it did.
    if (this.caller.tracking !== null && command.isTracked) this.parts.tracking.remember(this.caller, this.keys);
    if (reply instanceof ErrorReply) dispatch.countError(reply);
    return reply === NO_REPLY ? null : reply;
  }

  mayCall(argv: readonly Bytes[]): boolean | null {
    const command = this.parts.dispatch.lookUp(argv);
    return command instanceof ErrorReply ? null : this.parts.config.acl.mayRun(this.client, command, argv);
  }

  log(level: ScriptLogLevel, message: Bytes): void {
    this.parts.host.log(level, message);
  }

  setReplication(flags: number): void {
    this.client.scriptTargets = flags;
  }

  cost(instructions: number): void {
    this.parts.host.cost('instruction', instructions);
  }

  private refusal(command: Command, argv: readonly Bytes[]): ErrorReply | null {
    const { config, replicaSide } = this.parts;
    if (!hasArity(command, argv.length)) return WRONG_ARITY;
    if (command.flags.includes('noscript') && !this.parts.state.scriptsMayRunAll) return NOT_ALLOWED;
    const isStale = replicaSide.primary !== null && replicaSide.state !== 'connected' && !config.flag('replica-serve-stale-data');
    if (isStale && !command.allowedWhenStale) return STALE;
    const denial = config.acl.refusalOf(this.caller, this.client, command, argv, 'lua', this.parts.host.wallMs());
    if (denial !== null) return DENIALS[denial.reason];
    const lacksMemory = command.deniesOom && !this.parts.eviction.hasRoom && !this.rights.mayExceedMemory && !this.isObeyed;
    // In the middle of what it began to write it cannot be stopped.
    if (lacksMemory && !this.hasWritten && !this.rights.isReadOnly) return OUT_OF_MEMORY;
    return (command.isWrite ? this.writeRefusal() : null) ?? this.slotRefusal(command, argv);
  }

  private writeRefusal(): ErrorReply | null {
    const { config, persistence, primarySide, replicaSide } = this.parts;
    if (this.rights.isReadOnly) return READ_ONLY_SCRIPT;
    if (this.isObeyed) return null;
    const follows = replicaSide.primary !== null;
    if (follows && config.flag('replica-read-only')) return READ_ONLY_REPLICA;
    // Once it has written it may finish what it began.
    if (this.hasWritten) return null;
    return persistence.denial() ?? (!follows && !primarySide.hasEnoughReplicas() ? NO_REPLICAS : null);
  }

  private slotRefusal(command: Command, argv: readonly Bytes[]): ErrorReply | null {
    const { dispatch, isClustered } = this.parts;
    if (!isClustered || this.isObeyed) return null;
    const elsewhere = dispatch.redirection(this.client, command, argv);
    if (elsewhere !== null) return REDIRECTIONS.get(elsewhere) ?? ELSEWHERE;
    if (this.rights.mayCrossSlots) return null;
    const [key] = keysOf(command, argv);
    if (key === undefined) return null;
    const slot = keySlot(key);
    if (this.slot < 0) this.slot = slot;
    return slot === this.slot ? null : CROSS_SLOT;
  }
}

const scriptClient = (): Client => {
  const client = new Client(0, NO_CONNECTION, 0, () => {});
  client.scriptTargets = REPLICATE_TO_ALL;
  // A client between MULTI and EXEC may not wait, and neither may this one.
  client.transaction = {
    queue: [], aborted: false, writes: false, allowedWhileLoading: true, allowedWhenStale: true, refusedInAsyncLoading: false, deniesOom: false,
  };
  return client;
};
