/** Mends in the values of the Bitnami chart. */
import { COMMON_CONFIGURATION } from '../helmValues.ts';
import type { Mend } from './mend.ts';
import { YamlEdit } from './yamlEdit.ts';

/** `root`: the key under which the chart's values stand in the file; '' at its top. Null where values cannot say it. */
export const editHelm = (text: string, root: string, mend: Mend): string | null => {
  const edit = new YamlEdit(text);
  const at = (path: string): readonly string[] => [...root.split('.'), ...path.split('.')].filter((key) => key !== '');
  const done = apply(edit, at, mend);
  return done ? edit.toString() : null;
};

const apply = (edit: YamlEdit, at: (path: string) => readonly string[], mend: Mend): boolean => {
  const configure = (line: string): boolean => {
    // What the file says takes the place of the chart's own lines, so those are said too.
    const known = edit.scalar(at('commonConfiguration')) ?? COMMON_CONFIGURATION;
    const name = line.split(' ', 1)[0] ?? '';
    const lines = known.split('\n').filter((one) => one !== '' && !one.trim().toLowerCase().startsWith(`${name} `));
    return edit.set(at('commonConfiguration'), [...lines, line, ''].join('\n'));
  };
  switch (mend.kind) {
    case 'directive': return configure(mend.words.join(' '));
    case 'appendOnly': return configure('appendonly yes');
    case 'quorum': return edit.set(at('sentinel.quorum'), mend.quorum);
    case 'downAfter': return edit.set(at('sentinel.downAfterMilliseconds'), mend.ms);
    // A sentinel goes with every pod.
    case 'sentinels': return edit.set(at('sentinel.enabled'), true) && edit.set(at('replica.replicaCount'), mend.count) && edit.set(at('sentinel.quorum'), mend.quorum);
    case 'replicas': return edit.set(at('replica.replicaCount'), mend.count + (edit.scalar(at('sentinel.enabled')) === 'true' ? 1 : 0));
    case 'volume': return edit.set(at('replica.persistence.enabled'), true)
      // With sentinels all pods are replicas to the chart.
      && (edit.scalar(at('sentinel.enabled')) === 'true' || edit.set(at(`${primaryKey(edit, at)}.persistence.enabled`), true));
    case 'password': return edit.set(at('auth.enabled'), true) && edit.set(at('auth.password'), mend.password);
    case 'restart': case 'place': return false;
  }
};

/** What the chart calls the pod that starts as the primary. */
const primaryKey = (edit: YamlEdit, at: (path: string) => readonly string[]): string => {
  const [name = ''] = at('');
  return /valkey/i.test(`${name} ${edit.scalar(at('image.repository')) ?? ''}`) || edit.map(at('primary')) !== null ? 'primary' : 'master';
};
