/**
 * What Sentinel says on the wire, where that carries "master" or "slave": events, states, fields of its replies, directives
 * of its configuration file. Inside, the names on the left are used.
 * Source: events, SENTINEL replies and the rewritten configuration file of redis-sentinel 7.0.15.
 */

/** Events, as they are logged and published: by these channels clients and operators know them. */
export const SENTINEL_EVENT = {
  monitor: '+monitor', unmonitor: '-monitor', set: '+set', resetPrimary: '+reset-master',
  replica: '+slave', sentinel: '+sentinel', sentinelAddressSwitch: '+sentinel-address-switch',
  sentinelInvalidAddress: '+sentinel-invalid-addr', reboot: '+reboot',
  roleChange: '+role-change', roleMismatch: '-role-change',
  sdown: '+sdown', noSdown: '-sdown', odown: '+odown', noOdown: '-odown', tilt: '+tilt', noTilt: '-tilt',
  newEpoch: '+new-epoch', voteForLeader: '+vote-for-leader', tryFailover: '+try-failover', electedLeader: '+elected-leader',
  stateSelectReplica: '+failover-state-select-slave', selectedReplica: '+selected-slave',
  stateSendReplicaofNoOne: '+failover-state-send-slaveof-noone', stateWaitPromotion: '+failover-state-wait-promotion',
  promotedReplica: '+promoted-slave', stateReconfReplicas: '+failover-state-reconf-slaves',
  reconfSent: '+slave-reconf-sent', reconfInProgress: '+slave-reconf-inprog', reconfDone: '+slave-reconf-done',
  reconfSentTimeout: '-slave-reconf-sent-timeout', reconfSentBestEffort: '+slave-reconf-sent-be',
  failoverEnd: '+failover-end', failoverEndForTimeout: '+failover-end-for-timeout', switchPrimary: '+switch-master',
  abortNotElected: '-failover-abort-not-elected', abortNoGoodReplica: '-failover-abort-no-good-slave',
  abortReplicaTimeout: '-failover-abort-slave-timeout', configUpdateFrom: '+config-update-from',
  convertToReplica: '+convert-to-slave', fixReplicaConfig: '+fix-slave-config',
  scriptChild: '+script-child', scriptChildEnded: '-script-child', scriptError: '-script-error',
  scriptTimeout: '-script-timeout', commandLink: '-cmd-link-reconnection', pubsubLink: '-pubsub-link-reconnection',
} as const;

export type SentinelEventName = (typeof SENTINEL_EVENT)[keyof typeof SENTINEL_EVENT];

/** How an instance is called in events and in the `flags` of replies. */
export const INSTANCE_WORD = { primary: 'master', replica: 'slave', sentinel: 'sentinel' } as const;

/** SENTINEL subcommands whose name carries the word. */
export const SENTINEL_COMMAND = {
  isPrimaryDown: 'is-master-down-by-addr', primaryAddress: 'get-master-addr-by-name', primary: 'master', primaries: 'masters',
  replicasOld: 'slaves',
} as const;

/** The `failover-state` of SENTINEL MASTER. */
export const FAILOVER_STATE_WORD = {
  'none': 'none', 'wait-start': 'wait_start', 'select-replica': 'select_slave', 'send-replicaof-noone': 'send_slaveof_noone',
  'wait-promotion': 'wait_promotion', 'reconf-replicas': 'reconf_slaves', 'update-config': 'update_config',
} as const;

/** Fields of SENTINEL MASTER, REPLICAS and SENTINELS. */
export const SENTINEL_FIELD = {
  primaryLinkDownTime: 'master-link-down-time', primaryLinkStatus: 'master-link-status', primaryHost: 'master-host',
  primaryPort: 'master-port', replicaPriority: 'slave-priority', replicaReplOffset: 'slave-repl-offset',
  replicaCount: 'num-slaves', primaryDownFlag: 'master_down',
} as const;

/** Words of `sentinel …` lines in the configuration file; the older spelling of each is read too. */
export const SENTINEL_DIRECTIVE = {
  knownReplica: 'known-replica', knownReplicaOld: 'known-slave', rebootPeriod: 'master-reboot-down-after-period',
} as const;

/** SENTINEL DEBUG's name for how long a replica may take to be reconfigured. */
export const RECONF_TIMEOUT_PARAMETER = 'slave-reconf-timeout';

/** Fields of INFO sentinel. */
export const INFO_SENTINEL = {
  primaries: 'sentinel_masters', primaryName: (index: number): string => `master${index}`, replicas: 'slaves',
} as const;

/** What Sentinel says of primaries, in replies, in complaints about its configuration and in the log. */
export const SENTINEL_TEXT = {
  unknownName: 'ERR No such master with that name', unknownDirectiveName: 'No such master with specified name.',
  duplicatePrimary: 'Duplicate master name.', noGoodReplica: 'NOGOODSLAVE No suitable replica to promote',
  notEnoughForQuorum: 'Not enough available Sentinels to reach the specified quorum for this master',
  crashAfterPromotion: 'Failure simulation: this Sentinel will crash after promoting the selected replica to master',
} as const;

/** SENTINEL HELP. */
export const SENTINEL_HELP: readonly string[] = [
  'SENTINEL <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'CKQUORUM <master-name>',
  '    Check if the current Sentinel configuration is able to reach the quorum',
  '    needed to failover a master and the majority needed to authorize the',
  '    failover.',
  'CONFIG SET <param> <value>',
  '    Set a global Sentinel configuration parameter.',
  'CONFIG GET <param>',
  '    Get global Sentinel configuration parameter.',
  'DEBUG [<param> <value> ...]',
  '    Show a list of configurable time parameters and their values (milliseconds).',
  '    Or update current configurable parameters values (one or more).',
  'GET-MASTER-ADDR-BY-NAME <master-name>',
  '    Return the ip and port number of the master with that name.',
  'FAILOVER <master-name>',
  '    Manually failover a master node without asking for agreement from other',
  '    Sentinels',
  'FLUSHCONFIG',
  '    Force Sentinel to rewrite its configuration on disk, including the current',
  '    Sentinel state.',
  'INFO-CACHE <master-name>',
  '    Return last cached INFO output from masters and all its replicas.',
  'IS-MASTER-DOWN-BY-ADDR <ip> <port> <current-epoch> <runid>',
  "    Check if the master specified by ip:port is down from current Sentinel's",
  '    point of view.',
  'MASTER <master-name>',
  '    Show the state and info of the specified master.',
  'MASTERS',
  '    Show a list of monitored masters and their state.',
  'MONITOR <name> <ip> <port> <quorum>',
  '    Start monitoring a new master with the specified name, ip, port and quorum.',
  'MYID',
  '    Return the ID of the Sentinel instance.',
  'PENDING-SCRIPTS',
  '    Get pending scripts information.',
  'REMOVE <master-name>',
  "    Remove master from Sentinel's monitor list.",
  'REPLICAS <master-name>',
  '    Show a list of replicas for this master and their state.',
  'RESET <pattern>',
  '    Reset masters for specific master name matching this pattern.',
  'SENTINELS <master-name>',
  '    Show a list of Sentinel instances for this master and their state.',
  'SET <master-name> <option> <value> [<option> <value> ...]',
  '    Set configuration parameters for certain masters.',
  'SIMULATE-FAILURE [CRASH-AFTER-ELECTION] [CRASH-AFTER-PROMOTION] [HELP]',
  '    Simulate a Sentinel crash.',
  'HELP',
  '    Prints this help.',
];

/** The commands of a sentinel, those included that a server has too: the answer of redis-sentinel 7.0.15 to COMMAND LIST. */
export const SENTINEL_COMMANDS: readonly string[] = [
  'acl', 'acl|cat', 'acl|deluser', 'acl|dryrun', 'acl|genpass', 'acl|getuser', 'acl|help', 'acl|list', 'acl|load',
  'acl|log', 'acl|save', 'acl|setuser', 'acl|users', 'acl|whoami', 'auth', 'client', 'client|caching',
  'client|getname', 'client|getredir', 'client|help', 'client|id', 'client|info', 'client|kill', 'client|list',
  'client|no-evict', 'client|pause', 'client|reply', 'client|setname', 'client|tracking', 'client|trackinginfo',
  'client|unblock', 'client|unpause', 'command', 'command|count', 'command|docs', 'command|getkeys',
  'command|getkeysandflags', 'command|help', 'command|info', 'command|list', 'hello', 'info', 'ping', 'psubscribe',
  'publish', 'punsubscribe', 'role', 'sentinel', 'sentinel|ckquorum', 'sentinel|config', 'sentinel|debug',
  'sentinel|failover', 'sentinel|flushconfig', 'sentinel|get-master-addr-by-name', 'sentinel|help',
  'sentinel|info-cache', 'sentinel|is-master-down-by-addr', 'sentinel|master', 'sentinel|masters', 'sentinel|monitor',
  'sentinel|myid', 'sentinel|pending-scripts', 'sentinel|remove', 'sentinel|replicas', 'sentinel|reset',
  'sentinel|sentinels', 'sentinel|set', 'sentinel|simulate-failure', 'sentinel|slaves', 'shutdown', 'subscribe',
  'unsubscribe',
];
