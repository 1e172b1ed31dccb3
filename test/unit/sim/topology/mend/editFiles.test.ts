import { describe, expect, test } from 'vitest';
import { editFiles, editsOf, placementText } from '../../../../../sim/topology/mend/editFiles.ts';
import type { Mend } from '../../../../../sim/topology/mend/mend.ts';

const edited = (file: string, text: string, mend: Mend): string | null => editFiles([{ file, text }], mend)?.[0]?.text ?? null;

const COMPOSE = `# ours
services:
  main:
    image: docker.io/bitnami/redis:7.2 # as in production
    environment:
      - REDIS_REPLICATION_MODE=master
      - ALLOW_EMPTY_PASSWORD=yes

  replica:
    image: 'bitnami/redis:7.2'
    deploy:
      replicas: 2
    environment:
      REDIS_REPLICATION_MODE: slave
      REDIS_MASTER_HOST: main
      ALLOW_EMPTY_PASSWORD: "yes"

  sentinel:
    image: bitnami/redis-sentinel:7.2
    environment:
      - REDIS_MASTER_HOST=main
      - REDIS_SENTINEL_QUORUM=1
`;

describe('mends in a compose file', () => {
  test('change the lines that say it, and no others', () => {
    const after = edited('c.yaml', COMPOSE, { kind: 'quorum', quorum: 2 });
    expect(after).toBe(COMPOSE.replace('QUORUM=1', 'QUORUM=2'));
    expect(editsOf([{ file: 'c.yaml', text: COMPOSE }], [{ file: 'c.yaml', text: after ?? '' }]))
      .toEqual([{ file: 'c.yaml', line: 22, text: '- REDIS_SENTINEL_QUORUM=2' }]);
  });

  test('reach variables in lists and in maps', () => {
    const after = edited('c.yaml', COMPOSE, { kind: 'directive', words: ['min-replicas-to-write', '1'] });
    expect(after).toContain('      - REDIS_EXTRA_FLAGS=--min-replicas-to-write 1\n');
    expect(after).toContain('      REDIS_EXTRA_FLAGS: --min-replicas-to-write 1\n');
    expect(after).toContain('image: docker.io/bitnami/redis:7.2 # as in production\n');
  });

  test('a password goes to everybody who needs it, and the permission to have none goes', () => {
    const after = edited('c.yaml', COMPOSE, { kind: 'password', password: 'secret' }) ?? '';
    expect(after).not.toContain('ALLOW_EMPTY_PASSWORD');
    expect(after.match(/REDIS_PASSWORD[=:] ?secret/g)).toHaveLength(2);
    expect(after.match(/REDIS_MASTER_PASSWORD[=:] ?secret/g)).toHaveLength(2);
  });

  test('sentinels are multiplied, or added where there are none', () => {
    expect(edited('c.yaml', COMPOSE, { kind: 'sentinels', count: 3, quorum: 2 })).toContain('    deploy:\n      replicas: 3\n');
    const without = COMPOSE.slice(0, COMPOSE.indexOf('  sentinel:'));
    const after = edited('c.yaml', without, { kind: 'sentinels', count: 3, quorum: 2 }) ?? '';
    expect(after).toContain('  main-sentinel:\n    image: bitnami/redis-sentinel:7.2\n');
    expect(after).toContain('- REDIS_MASTER_HOST=main\n');
  });

  test('the official image gets its directives on the command line', () => {
    const text = 'services:\n  cache:\n    image: redis:7.0\n    command: redis-server --save ""\n';
    expect(edited('c.yaml', text, { kind: 'appendOnly' })).toContain('command: redis-server --save "" --appendonly yes\n');
    expect(edited('c.yaml', 'services:\n  cache:\n    image: redis:7.0\n', { kind: 'appendOnly' }))
      .toContain('command:\n      - redis-server\n      - --appendonly\n      - "yes"\n');
  });

  test('words are quoted as those beside them are', () => {
    const text = 'services:\n  cache:\n    image: redis:7.0\n    command: ["redis-server", "--save", ""]\n';
    expect(edited('c.yaml', text, { kind: 'directive', words: ['min-replicas-to-write', '1'] }))
      .toContain('["redis-server", "--save", "", "--min-replicas-to-write", "1"]\n');
  });

  test('redis-cli gets what a client needs, and what a shell is told is left alone', () => {
    const node = 'services:\n  node:\n    image: redis:7.0\n    command: redis-server --cluster-enabled yes\n';
    const password: Mend = { kind: 'password', password: 'secret' };
    const after = edited('c.yaml', `${node}  init:\n    image: redis:7.0\n    command: redis-cli --cluster create node:6379 --cluster-yes\n`, password);
    expect(after).toContain('command: redis-cli --cluster create node:6379 --cluster-yes -a secret\n');
    expect(after).toContain('--cluster-enabled yes --requirepass secret --masterauth secret\n');
    expect(edited('c.yaml', node.replace('redis-server', 'sh -c "redis-server').replace('yes\n', 'yes"\n'), password)).toBeNull();
    expect(edited('c.yaml', node.replace('command: redis-server', 'entrypoint: redis-server'), password)).toBeNull();
  });

  test('spacing and empty lines are nobody else\'s business', () => {
    const text = COMPOSE.replace('# ours\n', '# ours\n\n\nx-web:   {image: web, ports: [ 80 ]}   # spaced as it is\n')
      .replace('REDIS_MASTER_HOST: main', 'REDIS_MASTER_HOST:    main').concat('\n\nnetworks: { a: {}, b: {} }\n\n');
    expect(edited('c.yaml', text, { kind: 'quorum', quorum: 2 })).toBe(text.replace('QUORUM=1', 'QUORUM=2'));
    const after = edited('c.yaml', text, { kind: 'directive', words: ['min-replicas-to-write', '1'] }) ?? '';
    expect(after.split('\n').filter((line) => !line.includes('EXTRA_FLAGS')).join('\n')).toBe(text);
  });

  test('containers of one service share no volume', () => {
    const after = edited('c.yaml', COMPOSE, { kind: 'volume' }) ?? '';
    expect(after).toContain('- main-data:/bitnami/redis/data');
    expect(after).not.toContain('replica-data');
    expect(after).toContain('volumes:\n  main-data: {}\n');
  });

  test('what it cannot say is left to others', () => {
    expect(edited('c.yaml', COMPOSE, { kind: 'place', machines: {}, zones: {} })).toBeNull();
    expect(edited('c.yaml', 'services:\n  app:\n    image: nginx\n', { kind: 'quorum', quorum: 2 })).toBeNull();
  });
});

describe('mends in Helm values', () => {
  const VALUES = 'cache:\n  # three of them\n  replica:\n    replicaCount: 3\n  commonConfiguration: |-\n    save ""\n  sentinel:\n    enabled: true\n    quorum: 1\n';

  test('under the key of the subchart', () => {
    expect(edited('v.yaml', VALUES, { kind: 'quorum', quorum: 2 })).toBe(VALUES.replace('quorum: 1', 'quorum: 2'));
    expect(edited('v.yaml', VALUES, { kind: 'downAfter', ms: 5000 })).toContain('    downAfterMilliseconds: 5000\n');
  });

  test('directives join those that are there', () => {
    expect(edited('v.yaml', VALUES, { kind: 'directive', words: ['min-replicas-to-write', '1'] }))
      .toMatch(/commonConfiguration: \|\n {4}save ""\n {4}min-replicas-to-write 1\n/);
  });
});

describe('mends in Helm values that say little', () => {
  test('a directive keeps the lines that the chart has by itself', () => {
    expect(edited('v.yaml', 'sentinel:\n  enabled: true\n', { kind: 'directive', words: ['min-replicas-to-write', '1'] }))
      .toContain('commonConfiguration: |\n  appendonly yes\n  save ""\n  min-replicas-to-write 1\n');
  });

  test('a volume is for the pods that there are, by the names of their chart', () => {
    expect(edited('v.yaml', 'sentinel:\n  enabled: true\n', { kind: 'volume' })).not.toContain('master');
    expect(edited('v.yaml', 'replica:\n  replicaCount: 2\n', { kind: 'volume' })).toContain('master:\n  persistence:\n    enabled: true\n');
    expect(edited('v.yaml', 'valkey:\n  replica:\n    replicaCount: 2\n', { kind: 'volume' })).toContain('  primary:\n    persistence:\n      enabled: true\n');
  });
});

describe('mends in configuration files', () => {
  test('the last line of a directive is changed, or one is added', () => {
    expect(edited('redis.conf', 'port 6379\nAppendOnly no\n', { kind: 'appendOnly' })).toBe('port 6379\nappendonly yes\n');
    expect(edited('redis.conf', 'port 6379', { kind: 'appendOnly' })).toBe('port 6379\nappendonly yes\n');
  });

  test('of a sentinel: for every primary that it watches', () => {
    const text = 'sentinel monitor a 10.0.0.1 6379 1\nsentinel monitor b 10.0.0.2 6379 1\nsentinel down-after-milliseconds a 100\n';
    expect(edited('sentinel.conf', text, { kind: 'quorum', quorum: 2 })).toBe(text.replaceAll('6379 1', '6379 2'));
    expect(edited('sentinel.conf', text, { kind: 'downAfter', ms: 5000 }))
      .toBe(`${text.replace('a 100', 'a 5000')}sentinel down-after-milliseconds b 5000\n`);
    expect(edited('sentinel.conf', text, { kind: 'appendOnly' })).toBeNull();
  });
});

test('a placement is a file of its own', () => {
  expect(placementText({ kind: 'place', machines: { m1: ['a', 'b'] }, zones: {} })).toBe('machines:\n  m1: [a, b]\n');
});
