/** Mends in a Compose file: variables of Bitnami's images, the command of the official one, and what Compose itself says. */
import { isScalar } from 'yaml';
import type { Mend } from './mend.ts';
import { YamlEdit } from './yamlEdit.ts';

/** A `tool` runs redis-cli once, to make a cluster say, and is no server. */
type ServiceKind = 'bitnami' | 'bitnami sentinel' | 'bitnami cluster' | 'official' | 'official sentinel' | 'tool';

interface Service {
  readonly name: string;
  readonly kind: ServiceKind;
  /** The image without registry and tag: `bitnami/redis`. */
  readonly image: string;
}

/** Null where the file cannot say it. */
export const editCompose = (text: string, mend: Mend): string | null => {
  const edit = new YamlEdit(text);
  const services = servicesOf(edit);
  return services.length > 0 && new ComposeMender(edit, services).apply(mend) ? edit.toString() : null;
};

const servicesOf = (edit: YamlEdit): readonly Service[] => (edit.map(['services'])?.items ?? []).flatMap(({ key }): readonly Service[] => {
  const name = isScalar(key) ? String(key.value) : '';
  const image = edit.scalar(['services', name, 'image'])?.replace(/^[^/]*[.:][^/]*\//, '').replace(/[:@].*$/, '') ?? '';
  const bitnami = /^bitnami(?:legacy)?\/(?:redis|valkey)(-sentinel|-cluster)?$/.exec(image);
  if (bitnami !== null) {
    const kind = bitnami[1] === '-sentinel' ? 'bitnami sentinel' : bitnami[1] === '-cluster' ? 'bitnami cluster' : 'bitnami';
    return [{ name, kind, image }];
  }
  if (!/^(?:library\/)?(?:redis|valkey\/valkey)$/.test(image)) return [];
  const command = [...edit.texts(['services', name, 'entrypoint']) ?? [], ...edit.texts(['services', name, 'command']) ?? []].join(' ');
  const isTool = /\b(?:redis|valkey)-cli\b/.test(command) && !/\b(?:redis|valkey)-(?:server|sentinel)\b/.test(command);
  return [{ name, kind: isTool ? 'tool' : command.includes('sentinel') ? 'official sentinel' : 'official', image }];
});

class ComposeMender {
  private readonly edit: YamlEdit;
  private readonly services: readonly Service[];

  constructor(edit: YamlEdit, services: readonly Service[]) {
    this.edit = edit;
    this.services = services;
  }

  /** False where nothing of the file could be made to say it. */
  apply(mend: Mend): boolean {
    switch (mend.kind) {
      case 'directive': return this.each('data', (service) => this.addDirective(service, mend.words));
      case 'appendOnly': return this.each('data', (service) => (service.kind === 'official' ? this.addDirective(service, ['appendonly', 'yes'])
        : this.setVariable(service, 'AOF_ENABLED', 'yes')));
      case 'quorum': return this.each('sentinel', (service) => this.setSentinel(service, 'QUORUM', String(mend.quorum)));
      case 'downAfter': return this.each('sentinel', (service) => this.setSentinel(service, 'DOWN_AFTER_MILLISECONDS', String(mend.ms)));
      case 'sentinels': return this.setSentinels(mend.count, mend.quorum);
      case 'replicas': return this.setReplicas(mend.count);
      case 'restart': return this.each('all', ({ name }) => this.edit.set(['services', name, 'restart'], 'unless-stopped'));
      case 'volume': return this.addVolumes();
      case 'password': return this.each('all', (service) => this.setPassword(service, mend.password)) && this.tellTools(mend.password);
      case 'place': return false;
    }
  }

  /** True where there is one and all of them could be changed. */
  private each(which: 'data' | 'sentinel' | 'all', change: (service: Service) => boolean): boolean {
    const chosen = this.services.filter(({ kind }) => kind !== 'tool' && (which === 'all' || kind.endsWith('sentinel') === (which === 'sentinel')));
    return chosen.length > 0 && chosen.every(change);
  }

  private addDirective(service: Service, words: readonly string[]): boolean {
    const [name = '', ...values] = words;
    if (service.kind === 'bitnami' || service.kind === 'bitnami cluster') {
      const path = this.environment(service);
      const flags = this.edit.variable(path, this.variable(service, 'EXTRA_FLAGS'));
      return this.edit.setVariable(path, this.variable(service, 'EXTRA_FLAGS'), [...(flags === null ? [] : [flags]), `--${words.join(' ')}`].join(' '));
    }
    const path = ['services', service.name, 'command'];
    const command = this.edit.texts(path);
    // What a shell is told, or an entrypoint of their own, is not ours to take apart.
    if (/^(?:\S*\/)?(?:ba|a)?sh\b/.test(command?.[0] ?? '') || this.edit.texts(['services', service.name, 'entrypoint']) !== null) return false;
    const program = service.image.includes('valkey') ? 'valkey-server' : 'redis-server';
    if (command === null) return this.edit.set(path, [program, `--${name}`, ...values]);
    if (!this.edit.isList(path)) return this.edit.set(path, `${command[0] ?? program} --${words.join(' ')}`);
    return [`--${name}`, ...values].every((word) => this.edit.append(path, word));
  }

  private setSentinel(service: Service, name: string, value: string): boolean {
    return service.kind === 'bitnami sentinel' && this.setVariable(service, `SENTINEL_${name}`, value);
  }

  /** One service in so many containers, or a new service beside Bitnami's nodes. */
  private setSentinels(count: number, quorum: number): boolean {
    const sentinels = this.services.filter(({ kind }) => kind.endsWith('sentinel'));
    const [first, ...others] = sentinels;
    if (first !== undefined) {
      return others.length === 0 && first.kind === 'bitnami sentinel' && this.edit.set(['services', first.name, 'deploy', 'replicas'], count)
        && this.setSentinel(first, 'QUORUM', String(quorum));
    }
    const primary = this.services.find((service) => service.kind === 'bitnami' && this.modeOf(service) !== 'slave');
    if (primary === undefined) return false;
    const prefix = this.prefix(primary);
    const password = this.edit.variable(this.environment(primary), `${prefix}_PASSWORD`);
    return this.edit.set(['services', `${primary.name}-sentinel`], {
      image: `${primary.image}-sentinel:${this.edit.scalar(['services', primary.name, 'image'])?.split(':').slice(1).join(':') ?? 'latest'}`,
      deploy: { replicas: count }, depends_on: [primary.name],
      environment: [
        `${prefix}_MASTER_HOST=${primary.name}`, `${prefix}_SENTINEL_QUORUM=${quorum}`,
        ...(password === null ? [] : [`${prefix}_MASTER_PASSWORD=${password}`]),
      ],
    });
  }

  private modeOf(service: Service): string {
    const said = this.edit.variable(this.environment(service), `${this.prefix(service)}_REPLICATION_MODE`)?.toLowerCase() ?? 'master';
    return /^(?:slave|replica|secondary)$/.test(said) ? 'slave' : 'master';
  }

  private setReplicas(count: number): boolean {
    const replicas = this.services.filter((service) => service.kind === 'bitnami' && this.modeOf(service) === 'slave');
    const [first, ...others] = replicas;
    return first !== undefined && others.length === 0 && this.edit.set(['services', first.name, 'deploy', 'replicas'], count);
  }

  /** A named volume for each service that runs once: containers of one service cannot share a data directory. */
  private addVolumes(): boolean {
    const single = this.services.filter(({ name, kind }) => !kind.endsWith('sentinel') && kind !== 'tool' && Number(this.edit.scalar(['services', name, 'deploy', 'replicas']) ?? 1) === 1);
    return single.length > 0 && single.every(({ name, image, kind }) => {
      const directory = kind === 'official' ? '/data' : image.includes('valkey') ? '/bitnami/valkey/data' : '/bitnami/redis/data';
      return this.edit.append(['services', name, 'volumes'], `${name}-data:${directory}`) && this.edit.set(['volumes', `${name}-data`], {});
    });
  }

  private setPassword(service: Service, password: string): boolean {
    if (service.kind === 'official') return this.addDirective(service, ['requirepass', password]) && this.addDirective(service, ['masterauth', password]);
    if (service.kind === 'official sentinel') return false;
    const prefix = this.prefix(service);
    const names = service.kind === 'bitnami sentinel' ? ['MASTER_PASSWORD'] : service.kind === 'bitnami cluster' ? ['PASSWORD']
      : this.modeOf(service) === 'slave' ? ['PASSWORD', 'MASTER_PASSWORD'] : ['PASSWORD'];
    const path = this.environment(service);
    return this.edit.setVariable(path, 'ALLOW_EMPTY_PASSWORD', null) && names.every((name) => this.edit.setVariable(path, `${prefix}_${name}`, password));
  }

  /** Whoever makes the cluster must say the password, too. */
  private tellTools(password: string): boolean {
    return this.services.filter(({ kind }) => kind === 'tool').every(({ name }) => {
      const path = ['services', name, 'command'];
      const command = this.edit.texts(path);
      if (!/^(?:redis|valkey)-cli\b/.test(command?.[0] ?? '')) return false;
      return this.edit.isList(path) ? this.edit.append(path, '-a') && this.edit.append(path, password)
        : this.edit.set(path, `${command?.[0] ?? ''} -a ${password}`);
    });
  }

  private setVariable(service: Service, name: string, value: string): boolean {
    return this.edit.setVariable(this.environment(service), this.variable(service, name), value);
  }

  private environment({ name }: Service): readonly string[] {
    return ['services', name, 'environment'];
  }

  private prefix({ image }: Service): string {
    return image.includes('valkey') ? 'VALKEY' : 'REDIS';
  }

  private variable(service: Service, name: string): string {
    return `${this.prefix(service)}_${name}`;
  }
}
