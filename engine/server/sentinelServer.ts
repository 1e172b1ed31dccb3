/**
 * One sentinel process: its clients, the few commands that a sentinel has, its configuration file. What a sentinel does
 * stands in engine/sentinel.
 *
 * Always holds: it does not start without a configuration file that it can write, since its promises must outlive it.
 * Source: sentinel.c and server.c of Redis 7.0 (sentinel mode).
 */
import { type Host, HostFileError, type LogLevel } from '../host.ts';
import { type Bytes, EMPTY, bytes, lower } from '../core/bytes.ts';
import { ConfigError } from '../core/errors.ts';
import { mark } from '../core/marks.ts';
import { Random } from '../core/random.ts';
import { ms } from '../core/units.ts';
import type { Client } from '../commands/client.ts';
import { type CommandRow, NO_KEYS } from '../commands/command.ts';
import { PubSub, refusalWhileSubscribed } from '../commands/pubsub.ts';
import { pubsubCommands } from '../commands/pubsubCommands.ts';
import { Keyspace } from '../keyspace/keyspace.ts';
import { readWhole, replaceFile, rewriteConfig } from '../persistence/configRewrite.ts';
import { ErrorReply, NO_REPLY, type Reply, SYNTAX_ERROR, error } from '../protocol/reply.ts';
import { NO_SENTINEL_BUGS, Sentinel, type SentinelBugs } from '../sentinel/sentinel.ts';
import { sentinelConfigLines, sentinelOptionOf } from '../sentinel/sentinelConfigLines.ts';
import { sentinelCommands } from '../sentinel/sentinelCommands.ts';
import { applySentinelDirectives } from '../sentinel/sentinelDirectives.ts';
import { prepareSentinel } from '../sentinel/startup.ts';
import { startTicking } from '../sentinel/tick.ts';
import { aclCommands } from './aclCommands.ts';
import { refusalByAcl } from './aclGate.ts';
import { CallContext } from './callContext.ts';
import { clientCommands } from './clientCommands.ts';
import { commandCommands } from './commandCommands.ts';
import { arityError, lookUp } from './commandLookup.ts';
import { CommandTable } from './commandTable.ts';
import { Config } from './config.ts';
import type { Directive } from './configFile.ts';
import { directiveError } from './configFile.ts';
import { configLines, optionOf } from './configLines.ts';
import { NO_AUTH } from './dispatch.ts';
import { Listening } from './listening.ts';
import { followDirectory, logStart, startAccess } from './startup.ts';
import { Networking } from './networking.ts';
import { ProcessState } from './processState.ts';
import { sentinelFacts } from './sentinelFacts.ts';
import { sentinelInfoText } from './sentinelInfo.ts';
import type { ServerHandle } from './serverHandle.ts';
import { sessionCommands } from './sessionCommands.ts';

export interface SentinelOptions {
  /** Where its configuration file is: an absolute path, or one below the data directory. */
  readonly configFile: Bytes;
  /** Where its files are, for `dir`; without it `dir` is as configured. */
  readonly dataDirectory?: Bytes;
  /** Called once the sockets are open. */
  readonly listens?: () => void;
  /** Called at an orderly end. */
  readonly leaves?: () => void;
  readonly bugs?: SentinelBugs;
}

const RUN_ID_LENGTH = 40;
const ENTROPY_BYTES = 12;
const MS_PER_SECOND = 1000;
const DEFAULT_PORT = bytes('26379');

/** What other servers have on by default, and sentinels not. */
const SENTINEL_DEFAULTS: readonly Directive[] = [
  { name: bytes('port'), values: [DEFAULT_PORT], place: 'the defaults of a sentinel' },
  { name: bytes('protected-mode'), values: [bytes('no')], place: 'the defaults of a sentinel' },
];

/** A sentinel has no data to save. */
const NEVER_WRITTEN = 'save';

/** Commands of other families that a sentinel has too. */
const SHARED_COMMANDS: readonly string[] = [
  'auth', 'command', 'hello', 'ping', 'psubscribe', 'punsubscribe', 'subscribe', 'unsubscribe', 'quit',
];

const SHUTDOWN_WORDS: readonly string[] = ['nosave', 'save', 'now', 'force', 'abort'];

/** The configuration of a sentinel, without its `sentinel` lines. Throws `ConfigError` for a directive that cannot be used. */
export const sentinelConfig = (directives: readonly Directive[]): Config => {
  const config = new Config(sentinelFacts());
  config.load([...SENTINEL_DEFAULTS, ...directives.filter((directive) => !isSentinelLine(directive))]);
  return config;
};

/** Starts a sentinel on a host. Throws `ConfigError` for a directive that cannot be used. */
export const startSentinel = (host: Host, directives: readonly Directive[], options: SentinelOptions): ServerHandle => {
  const server = new SentinelServer(host, sentinelConfig(directives), options);
  server.start(directives.filter(isSentinelLine));
  return server;
};

const SENTINEL = 'sentinel';
/** The word alone only says that this is to be a sentinel. */
const isSentinelLine = ({ name, values }: Directive): boolean => name === SENTINEL && values.length > 0;

class SentinelServer implements ServerHandle {
  private readonly host: Host;
  private readonly config: Config;
  private readonly options: SentinelOptions;
  private readonly state: ProcessState;
  private readonly pubsub: PubSub = new PubSub();
  private readonly networking: Networking;
  private readonly listening: Listening;
  private readonly sentinel: Sentinel;
  private readonly table: CommandTable;
  private readonly context: (client: Client) => CallContext;

  constructor(host: Host, config: Config, options: SentinelOptions) {
    this.host = host;
    this.config = config;
    this.options = options;
    if (options.configFile === EMPTY) {
      throw new ConfigError('Sentinel needs config file on disk to save state. Exiting...');
    }
    const { dataDirectory } = options;
    followDirectory(host, config, dataDirectory ?? null);
    const random = new Random(host.entropy(ENTROPY_BYTES));
    this.state = new ProcessState(random.hex(RUN_ID_LENGTH), host.wallMs(), options.configFile);
    this.networking = new Networking(host, config, this.state, {
      handle: (client, argv) => this.handle(client, argv),
      handled: () => true,
      writable: () => {},
      removed: (client) => this.pubsub.forget(client),
    });
    this.listening = new Listening(host, config, (connection) => this.networking.accept(connection));
    this.sentinel = new Sentinel({
      host, random, settings: config, bugs: options.bugs ?? NO_SENTINEL_BUGS,
      publish: (channel, message) => {
        this.pubsub.publish(channel, message);
      },
      saveConfig: () => this.saveConfig(),
    });
    const drop = (client: Client, reason: string): void => this.networking.drop(client, reason);
    this.table = new CommandTable([this.sharedCommands(), clientCommands(config.acl, this.state, drop), sentinelCommands(this.sentinel), this.ownCommands(),
      aclCommands({ host, config, state: this.state, commands: () => this.table.commands, drop })]);
    // Handlers see a data set, as in Redis; a sentinel's stays empty.
    const keyspace = new Keyspace(1, { touched: () => {}, expired: () => {} }, false);
    let context: CallContext | null = null;
    this.context = (client) => context ??= new CallContext(host, keyspace, random, client);
  }

  start(directives: readonly Directive[]): void {
    if (!startAccess(this.host, this.config)) return;
    applySentinelDirectives(this.sentinel, directives, directiveError);
    this.host.onTurnEnd(() => this.networking.flushOutput());
    this.resolveNames(() => this.listening.open(() => {
      this.options.listens?.();
      logStart(this.host, this.config, 'sentinel');
      if (!prepareSentinel(this.sentinel)) return;
      startTicking(this.sentinel);
      this.scheduleCron();
    }));
  }

  /** Names are looked up before anybody may ask for an address. */
  private resolveNames(done: () => void): void {
    const primaries = [...this.sentinel.primaries.values()];
    let waiting = primaries.length;
    if (waiting === 0) done();
    for (const primary of primaries) {
      this.sentinel.resolve(primary, () => {
        waiting--;
        if (waiting === 0) done();
      });
    }
  }

  /** A sentinel saves nothing at its end, since it has saved all before. */
  shutdown(): void {
    this.host.log('warning', 'User requested shutdown...');
    this.options.leaves?.();
    this.listening.close();
    this.host.log('warning', 'Sentinel is now ready to exit, bye bye...');
    this.host.exit(0);
  }

  phase(): 'serving' {
    return 'serving';
  }

  roleLetter(): string {
    return 'X';
  }

  logLevel(): LogLevel {
    return this.config.text('loglevel') as string as LogLevel;
  }

  private handle(client: Client, argv: readonly Bytes[]): void {
    const reply = this.answer(client, argv);
    if (reply instanceof ErrorReply) {
      const { errors, stats } = this.state;
      errors.set(reply.code, (errors.get(reply.code) ?? 0) + 1);
      stats.errorReplies++;
    }
    client.reply(reply);
  }

  private answer(client: Client, argv: readonly Bytes[]): Reply {
    const command = lookUp(this.table, argv);
    if (command instanceof ErrorReply) return command;
    client.lastCommand = command.name;
    const refusal = arityError(command, argv.length) ?? (command.needsNoAuth || !this.config.acl.mustAuthenticate(client) ? null : NO_AUTH)
      ?? refusalByAcl(this.config.acl, client, command, argv, () => this.host.wallMs()) ?? refusalWhileSubscribed(client, command.name);
    if (refusal !== null) {
      command.rejected++;
      return refusal;
    }
    command.calls++;
    this.state.stats.commands++;
    this.host.cost('command', 1);
    const context = this.context(client);
    context.begin(client, this.host.wallMs());
    const reply = command.handler(context, argv);
    if (reply instanceof ErrorReply) command.failed++;
    return reply;
  }

  private sharedCommands(): readonly CommandRow[] {
    const session = sessionCommands({
      config: this.config, pubsub: this.pubsub, watches: null, mode: 'sentinel', role: () => null,
    });
    const families = [...session, ...pubsubCommands(this.pubsub), ...commandCommands(() => this.table.commands, [])];
    return families.filter(({ name }) => SHARED_COMMANDS.includes(name) || name.startsWith('command|'));
  }

  private ownCommands(): readonly CommandRow[] {
    return [
      { name: 'info', arity: -1, flags: ['loading', 'stale'], keys: NO_KEYS, since: '1.0.0',
        // A plain bulk in RESP3 too, as a sentinel's INFO is, unlike a server's.
        handler: (_call, argv) => sentinelInfoText({
          host: this.host, config: this.config, state: this.state, pubsub: this.pubsub, sentinel: this.sentinel,
        }, argv.slice(1)) },
      { name: 'shutdown', arity: -1, flags: ['admin', 'noscript', 'loading', 'stale', 'no_multi', 'allow_busy'],
        keys: NO_KEYS, since: '1.0.0',
        handler: (_call, argv) => this.askedToShutDown(argv.slice(1).map(lower)) },
    ];
  }

  /** Whatever it is asked to save, a sentinel has no data; it ends at once, so there is never an end to abort. */
  private askedToShutDown(words: readonly Bytes[]): Reply {
    const isAbort = words.includes(bytes('abort'));
    const contradicts = (isAbort && words.some((word) => word !== 'abort')) || (words.includes(bytes('save')) && words.includes(bytes('nosave')));
    if (contradicts || words.some((word) => !SHUTDOWN_WORDS.includes(word))) return SYNTAX_ERROR;
    if (isAbort) return error('ERR No shutdown in progress.');
    this.shutdown();
    return NO_REPLY;
  }

  /** The whole file is written anew, comments and order kept. False: it failed, which is logged. */
  private saveConfig(): boolean {
    const path = this.state.configFile;
    const isOwn = optionOf(this.config);
    const owner = (words: readonly Bytes[]): string | null => (words[0] === SENTINEL ? sentinelOptionOf(words) : isOwn(words));
    try {
      const own = configLines(this.config).filter(({ name }) => name !== NEVER_WRITTEN);
      const lines = [...own, ...sentinelConfigLines(this.sentinel)];
      replaceFile(this.host, path, rewriteConfig(readWhole(this.host, path), lines, owner));
    } catch (failure) {
      if (!(failure instanceof HostFileError)) throw failure;
      this.host.log('warning', `WARNING: Sentinel was not able to save the new configuration on disk!!!: ${failure.message}`);
      mark(this.host, 'sentinelConfigNotSaved');
      return false;
    }
    this.host.log('notice', 'Sentinel new configuration saved on disk');
    mark(this.host, 'sentinelConfigRewritten');
    return true;
  }

  private scheduleCron(): void {
    this.host.setTimer(ms(MS_PER_SECOND), () => {
      this.networking.closeIdle();
      this.scheduleCron();
    });
  }
}
