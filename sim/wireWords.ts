/**
 * The words of the wire, for scenarios that ask servers and read their answers: where it says "master" and "slave" they use these names.
 * Apart from `index.ts`, so that a scenario's data do not bring the simulator along.
 */
export {
  INFO_REPLICATION, INSTANCE_WORD, SENTINEL_COMMAND, SENTINEL_DIRECTIVE, SENTINEL_EVENT, SENTINEL_FIELD,
} from '../engine/index.ts';
