/**
 * `ports` of a Compose service: what is published on the host, as `address:port/protocol`; ranges are left to Compose.
 *
 * Source: compose-spec, "ports", short and long form.
 */
import type { ComposeReader } from './composeReader.ts';
import type { Placed } from './placed.ts';
import type { YamlMap, YamlValue } from './yamlTree.ts';

export const readHostPorts = (reader: ComposeReader, map: YamlMap, path: string): readonly Placed[] => {
  const entry = map.entries.get('ports');
  if (entry === undefined) return [];
  const key = `${path}.ports`;
  const ports: Placed[] = [];
  for (const item of reader.list(entry, key)) {
    const text = item.kind === 'map' ? longPort(reader, item, key) : shortPort(reader, item, key);
    if (text !== null) ports.push({ line: item.line, key, text });
  }
  return ports;
};

const shortPort = (reader: ComposeReader, item: YamlValue, key: string): string | null => {
  const text = reader.text(item, item.line, key);
  const match = /^(?:(?:([^:]*|\[[^\]]*\]):)?(\d+(?:-\d+)?):)?(\d+(?:-\d+)?)(?:\/(tcp|udp))?$/.exec(text);
  if (match === null) throw reader.error(item.line, key, `'${text}' is not a port mapping`);
  const [, address, host, , protocol] = match;
  return host === undefined || host.includes('-') ? null : `${address ?? '0.0.0.0'}:${host}/${protocol ?? 'tcp'}`;
};

const longPort = (reader: ComposeReader, item: YamlMap, key: string): string | null => {
  const published = reader.optionalText(item, 'published', key)?.text;
  if (published === undefined || published.includes('-')) return null;
  const address = reader.optionalText(item, 'host_ip', key)?.text ?? '0.0.0.0';
  return `${address}:${published}/${reader.optionalText(item, 'protocol', key)?.text ?? 'tcp'}`;
};
