import { readFile } from 'node:fs/promises';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { VARIABLES } from '../../src/config-variables.ts';
import { composeWith, SECRETS } from '../support/compose-file.ts';
import { build, hasKubectl, manifestsOf, partOf } from './manifests.ts';

/* What the manifests say is held against the program: commands, variables, addresses, times. */

const Probe = Type.Object({ httpGet: Type.Object({ path: Type.String(), port: Type.String() }) });
const Container = Type.Object({
  command: Type.Array(Type.String()),
  image: Type.String(),
  ports: Type.Optional(Type.Array(Type.Object({ name: Type.String(), containerPort: Type.Integer() }))),
  env: Type.Array(Type.Object({ name: Type.String(), value: Type.String() })),
  volumeMounts: Type.Array(Type.Object({ mountPath: Type.String(), readOnly: Type.Literal(true) })),
  livenessProbe: Type.Optional(Probe),
  readinessProbe: Type.Optional(Probe),
  lifecycle: Type.Optional(
    Type.Object({ preStop: Type.Object({ exec: Type.Object({ command: Type.Array(Type.String()) }) }) }),
  ),
  resources: Type.Object({
    requests: Type.Object({ cpu: Type.String(), memory: Type.String() }),
    limits: Type.Object({ memory: Type.String() }, { additionalProperties: false }),
  }),
  securityContext: Type.Unknown(),
});
const Workload = Type.Object({
  spec: Type.Object({
    replicas: Type.Optional(Type.Integer()),
    template: Type.Object({
      metadata: Type.Object({ annotations: Type.Optional(Type.Record(Type.String(), Type.String())) }),
      spec: Type.Object({
        containers: Type.Tuple([Container]),
        automountServiceAccountToken: Type.Literal(false),
        terminationGracePeriodSeconds: Type.Optional(Type.Integer()),
        securityContext: Type.Unknown(),
        volumes: Type.Tuple([
          Type.Object({
            secret: Type.Object({
              secretName: Type.String(),
              defaultMode: Type.Integer(),
              items: Type.Optional(Type.Array(Type.Object({ key: Type.String(), path: Type.String() }))),
            }),
          }),
        ]),
      }),
    }),
  }),
});
const Settings = Type.Object({
  configMapGenerator: Type.Tuple([Type.Object({ literals: Type.Array(Type.String()) })]),
});
const Images = Type.Object({ images: Type.Tuple([Type.Object({ newTag: Type.String() })]) });

const LONGEST_CLOSE_S = 9;
const base = manifestsOf('base');
const WORKLOADS = {
  api: partOf(base, 'Deployment', 'api', Workload),
  worker: partOf(base, 'Deployment', 'worker', Workload),
  webhooks: partOf(base, 'Deployment', 'webhooks', Workload),
  migrate: partOf(manifestsOf('migrate'), 'Job', 'migrate', Workload),
};
const EACH = Object.entries(WORKLOADS).map(([role, { spec }]) => ({ role, ...spec.template }));

async function kustomizationOf<T extends typeof Settings | typeof Images>(folder: string, schema: T) {
  return Value.Parse(schema, parse(await readFile(`deploy/kubernetes/${folder}/kustomization.yaml`, 'utf8')));
}

async function lanesOfBase(): Promise<number> {
  const [{ literals }] = (await kustomizationOf('base', Settings)).configMapGenerator;
  return Number(literals.find(literal => literal.startsWith('LANES='))?.split('=')[1]);
}

test.each(EACH)(
  '$role runs that role of main.ts, with variables that the program knows',
  async ({ role, spec }) => {
    const [{ command, env }] = spec.containers;
    const [{ literals }] = (await kustomizationOf('base', Settings)).configMapGenerator;

    expect(command).toEqual(['node', 'src/main.ts', role]);
    const names = [
      ...env.map(({ name }) => name.replace(/_FILE$/, '')),
      ...literals.map(each => each.split('=')[0]),
    ];
    expect(names.filter(name => !VARIABLES.includes(name ?? ''))).toEqual([]);
  },
);

test.each(EACH)(
  '$role reads its secrets from files that are there, and has none in its environment',
  ({ spec }) => {
    const [{ env, volumeMounts }] = spec.containers;
    const [{ secret }] = spec.volumes;

    const files = env.filter(({ name }) => name.endsWith('_FILE'));
    const inEnvironment = env.filter(({ name }) =>
      /^(DATABASE_URL|QUEUE_URL|JWT_SECRET|ADMIN_PASSWORD)$/.test(name),
    );
    expect(inEnvironment).toEqual([]);
    for (const { value } of files) {
      const [mount, key = ''] = [volumeMounts[0]?.mountPath, value.split('/').at(-1)];
      expect(value).toBe(`${mount}/${key}`);
      if (secret.items !== undefined) expect(secret.items.map(item => item.path)).toContain(key);
    }
    expect(secret).toMatchObject({ secretName: 'issue-intake', defaultMode: 0o440 });
  },
);

test.each(EACH)('$role is not root, cannot write, and can ask for no rights', ({ spec }) => {
  const [{ securityContext }] = spec.containers;

  expect(spec.securityContext).toEqual({
    runAsNonRoot: true,
    runAsUser: 1000,
    runAsGroup: 1000,
    fsGroup: 1000,
    seccompProfile: { type: 'RuntimeDefault' },
  });
  expect(securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
});

test('all that run are asked for their health, and for metrics, where they answer', () => {
  const asked = (['api', 'worker', 'webhooks'] as const).map(role => {
    const { metadata, spec } = WORKLOADS[role].spec.template;
    const [{ ports = [], livenessProbe, readinessProbe }] = spec.containers;
    const portOf = (probe: typeof livenessProbe) =>
      ports.find(({ name }) => name === probe?.httpGet.port)?.containerPort;
    return {
      live: `${portOf(livenessProbe)}${livenessProbe?.httpGet.path}`,
      ready: `${portOf(readinessProbe)}${readinessProbe?.httpGet.path}`,
      metrics: metadata.annotations?.['prometheus.io/port'],
    };
  });

  expect(asked).toEqual([
    { live: '3000/healthz', ready: '3000/readyz', metrics: '3000' },
    { live: '9464/healthz', ready: '9464/readyz', metrics: '9464' },
    { live: '9464/healthz', ready: '9464/readyz', metrics: '9464' },
  ]);
});

test('each has more time to end than it takes to close, its wait for the proxies included', async () => {
  const shutdown = await readFile('src/shutdown.ts', 'utf8');

  expect(shutdown).toContain(`LONGEST_CLOSE_MS = ${LONGEST_CLOSE_S * 1000};`);
  for (const role of ['api', 'worker', 'webhooks'] as const) {
    const { containers, terminationGracePeriodSeconds = 0 } = WORKLOADS[role].spec.template.spec;
    const [command, seconds] = containers[0].lifecycle?.preStop.exec.command ?? ['sleep', '0'];
    expect(command).toBe('sleep');
    expect(terminationGracePeriodSeconds).toBeGreaterThan(Number(seconds) + LONGEST_CLOSE_S + 1);
  }
});

test('all run the image of one version, that of docker compose', async () => {
  const tags = await Promise.all(
    ['base', 'migrate'].map(async folder => (await kustomizationOf(folder, Images)).images[0].newTag),
  );

  const { image } = composeWith(SECRETS).services.api ?? {};
  expect(new Set(tags.map(tag => `issue-intake:${tag}`))).toEqual(new Set([image]));
});

test('there are never more workers than lanes, and how many is the autoscaler’s to say', async ({ skip }) => {
  const Scaled = Type.Object({
    spec: Type.Object({
      scaleTargetRef: Type.Object({ name: Type.String() }),
      minReplicaCount: Type.Integer(),
      maxReplicaCount: Type.Integer(),
      triggers: Type.Tuple([Type.Object({ metadata: Type.Record(Type.String(), Type.String()) })]),
    }),
  });
  const { spec } = partOf(manifestsOf('overlays/autoscaled'), 'ScaledObject', 'worker', Scaled);
  const lanes = await lanesOfBase();

  expect(spec).toMatchObject({
    scaleTargetRef: { name: 'worker' },
    minReplicaCount: WORKLOADS.worker.spec.replicas,
    triggers: [{ metadata: { query: 'max(issue_intake_oldest_waiting_seconds)', threshold: '5' } }],
  });
  expect(spec.maxReplicaCount).toBeLessThanOrEqual(lanes);
  if (!(await hasKubectl())) skip('there is no kubectl here, which has kustomize built in');
  const built = await build('overlays/autoscaled');
  expect(partOf(built, 'Deployment', 'worker', Workload).spec.replicas).toBeUndefined();
  expect(partOf(built, 'Deployment', 'api', Workload).spec.replicas).toBe(2);
});
