/**
 * The engine's public face. A program on a host: `startServer(host, directives, options)`. Clients against the same host use
 * the protocol's encoder and decoder.
 */
export * from './host.ts';
export * from './core/bytes.ts';
export * from './core/chunkList.ts';
export * from './core/errors.ts';
export * from './core/hash.ts';
export * from './core/marks.ts';
export * from './core/notes.ts';
export * from './core/random.ts';
export * from './core/units.ts';
export { type Directive, directiveError, formatDirective, parseConfigText } from './server/configFile.ts';
export { Config } from './server/config.ts';
export { SLOTS, keySlot } from './cluster/slots.ts';
export type { MachineFigures } from './server/machineInfo.ts';
export type { ServerHandle } from './server/serverHandle.ts';
export { type ServerOptions, startServer } from './server/server.ts';
export { type SentinelOptions, sentinelConfig, startSentinel } from './server/sentinelServer.ts';
export { NO_SENTINEL_BUGS, type SentinelBugs } from './sentinel/sentinel.ts';
export { NO_BUGS, type PlantedBugs } from './replication/services.ts';
export { type ClusterBugs, NO_CLUSTER_BUGS } from './cluster/clusterState.ts';
export { REDIS_VERSION } from './persistence/snapshotSaver.ts';
export { createLuaEngine } from './scripting/luaEngine.ts';
export type { CreateScriptEngine } from './scripting/scriptEngine.ts';
export { encodeCommand, encodeReply } from './protocol/encode.ts';
export { ReplyDecoder } from './protocol/replyDecoder.ts';
export * from './protocol/reply.ts';
export { INSTANCE_WORD, SENTINEL_COMMAND, SENTINEL_DIRECTIVE, SENTINEL_EVENT, SENTINEL_FIELD } from './protocol/sentinelNames.ts';
export { INFO_REPLICATION, configName, roleOfWord } from './protocol/wireNames.ts';
