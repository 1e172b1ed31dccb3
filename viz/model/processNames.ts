/** Processes by what others call them: addresses, names, aliases, and a cluster's IDs. */
import type { Note } from '../../engine/core/notes.ts';
import type { Played } from './play.ts';
import type { Recording } from './recording.ts';

const CLUSTER_ID_LENGTH = 40;

/** Everything that a belief may call a process. */
export const namesOf = ({ scenario: { topology }, recording }: Played): readonly (readonly [string, string])[] => {
  const places = topology.processes.flatMap(({ name, machine, port, aliases }) => {
    const address = topology.machines.find((one) => one.name === machine)?.address;
    return [...aliases, name, ...(address === undefined ? [] : [address])].map((host) => [`${host}:${port}`, name] as const);
  });
  return [...places, ...clusterIds(recording)];
};

/** A cluster's node says its own ID with its epochs. */
const clusterIds = (recording: Recording): readonly (readonly [string, string])[] => {
  const ids = new Map<string, string>();
  for (const [row, detail] of recording.detailed()) {
    const note = detail['note'] as Note | undefined;
    if (note?.kind === 'epoch' && !ids.has(note.name)) ids.set(note.name, recording.nodeName(row));
  }
  return [...ids].filter(([id]) => id.length === CLUSTER_ID_LENGTH);
};
