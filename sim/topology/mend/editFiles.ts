/**
 * A mend in the files of a deployment: each says it in its own way, or leaves it to another.
 *
 * Always holds: files that say nothing of it come back as they were; where none of them can say it there is no result, rather than half
 * of one. Whether the mended files do what they should is not decided here: they are imported and run again.
 */
import { isScalar } from 'yaml';
import type { DeploymentFile } from '../importDeployment.ts';
import { editCompose } from './editCompose.ts';
import { editRedisConf, editSentinelConf } from './editConf.ts';
import { editHelm } from './editHelm.ts';
import type { Mend } from './mend.ts';
import { pairLines } from './pairLines.ts';
import { YamlEdit } from './yamlEdit.ts';

/** The files with the mend in them; null where none can say it. A placement is no part of these: see `placementText`. */
export const editFiles = (files: readonly DeploymentFile[], mend: Mend): readonly DeploymentFile[] | null => {
  const edited = files.map(({ file, text }) => ({ file, text: editFile(file, text, mend) ?? text }));
  return edited.some(({ text }, index) => text !== files[index]?.text) ? edited : null;
};

const editFile = (file: string, text: string, mend: Mend): string | null => {
  if (!/\.ya?ml$/i.test(file)) return /^\s*sentinel\s+monitor\s/im.test(text) ? editSentinelConf(text, mend) : editRedisConf(text, mend);
  const edit = new YamlEdit(text);
  if (edit.map(['services']) !== null) return editCompose(text, mend);
  const root = chartRoot(edit);
  return root === null ? null : editHelm(text, root, mend);
};

/** Keys that only the values of the chart of one primary and its replicas have. */
const CHART_KEYS: readonly string[] = ['replica', 'sentinel', 'master', 'architecture'];

/** The key under which the chart's values stand; null where they stand nowhere. */
const chartRoot = (edit: YamlEdit): string | null => {
  const isChart = (path: readonly string[]): boolean => CHART_KEYS.some((key) => edit.map(path)?.has(key) === true);
  if (isChart([])) return '';
  const keys = (edit.map([])?.items ?? []).flatMap(({ key }) => (isScalar(key) ? [String(key.value)] : []));
  return keys.find((key) => isChart([key])) ?? null;
};

/** An edit that was made in a file. */
export interface Edit {
  readonly file: string;
  /** Line of the mended text. */
  readonly line: number;
  readonly text: string;
}

/** The lines of mended files that are new or changed. */
export const editsOf = (before: readonly DeploymentFile[], after: readonly DeploymentFile[]): readonly Edit[] =>
  after.flatMap(({ file, text }, index) => {
    const lines = text.split('\n');
    const pairs = pairLines((before[index]?.text ?? '').split('\n'), lines);
    return lines.flatMap((line, number): readonly Edit[] => (
      pairs[number] !== -1 || line.trim() === '' ? [] : [{ file, line: number + 1, text: line.trim() }]));
  });

/** The text of a placement file. */
export const placementText = ({ machines, zones }: Extract<Mend, { kind: 'place' }>): string => {
  const section = (name: string, entries: Readonly<Record<string, readonly string[]>>): string => (Object.keys(entries).length === 0 ? ''
    : `${name}:\n${Object.entries(entries).map(([key, values]) => `  ${key}: [${values.join(', ')}]\n`).join('')}`);
  return `${section('machines', machines)}${section('zones', zones)}`;
};
