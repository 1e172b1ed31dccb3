/**
 * Configuration files that people mount into Bitnami's image: `redis.conf`, which stands in the place of the image's own, and
 * `overrides.conf`, which is included at its end.
 *
 * Source: bitnami/containers, bitnami/redis README, "Configuration file" and "Overriding configuration"; `libredis.sh`
 * (redis_configure_default, redis_append_include_conf), read for its behaviour.
 */
import { ScenarioError } from '../../engine/core/errors.ts';
import { findMounted } from './composeMounts.ts';
import type { ComposeReader } from './composeReader.ts';
import type { ComposeService } from './composeService.ts';
import { besideFile } from './placed.ts';
import { type ConfLine, checkLines, readConf } from './redisConf.ts';
import type { ReadText } from './topology.ts';

export interface BitnamiConf {
  /** Null: the image's own file is used. */
  readonly replaced: readonly ConfLine[] | null;
  readonly overrides: readonly ConfLine[];
}

const NAMES: readonly string[] = ['redis', 'valkey'];

export const readBitnamiConf = (reader: ComposeReader, service: ComposeService, read: ReadText): BitnamiConf => {
  const known = NAMES.flatMap((name) => [`/opt/bitnami/${name}/mounted-etc/${name}.conf`, `/opt/bitnami/${name}/mounted-etc/redis.conf`]);
  const replaced = firstMounted(reader, service, [...new Set(known)], read);
  const overrides = firstMounted(reader, service, NAMES.map((name) => `/opt/bitnami/${name}/mounted-etc/overrides.conf`), read);
  for (const { target, line, key } of service.mounts) {
    if (/^\/opt\/bitnami\/(?:redis|valkey)\/(?!mounted-etc|secrets)/.test(target)) {
      reader.warn(line, key, `what is mounted at ${target} is not read`);
    }
  }
  return { replaced, overrides: overrides ?? [] };
};

const firstMounted = (
  reader: ComposeReader, service: ComposeService, paths: readonly string[], read: ReadText,
): readonly ConfLine[] | null => {
  for (const path of paths) {
    const mount = service.mounts.find(({ target }) => path === target || path.startsWith(`${target.replace(/\/$/, '')}/`));
    if (mount === undefined) continue;
    const place = { line: mount.line, key: mount.key, text: path };
    const isOwn = mount.target === path;
    const found = findIn(reader, service, path, read, isOwn);
    if (found === null) continue;
    const lines = readConf(found.text, found.file, (included) => {
      const other = findMounted(reader, service.mounts, besideFile(path, included), read, place);
      return other === null ? null : { file: other.file, text: other.text };
    });
    return checkLines(lines, 'redis', reader.file, (warning) => reader.note(warning));
  }
  return null;
};

/** A mounted directory need not have the file. */
const findIn = (
  reader: ComposeReader, service: ComposeService, path: string, read: ReadText, isRequired: boolean,
): { readonly file: string; readonly text: string } | null => {
  const place = { line: service.line, key: `${service.path}.volumes`, text: path };
  if (isRequired) return findMounted(reader, service.mounts, path, read, place);
  try {
    return findMounted(reader, service.mounts, path, read, place);
  } catch (error) {
    if (error instanceof ScenarioError) return null;
    throw error;
  }
};
