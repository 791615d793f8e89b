import { expect, test } from 'vitest';
import { build, hasKubectl, type Manifest, manifestsOf } from './manifests.ts';
import { mistakesIn } from './schema.ts';

function listed(manifests: readonly Manifest[]): string[] {
  return manifests.map(
    ({ kind, metadata }) => `${kind} ${metadata.name.replace(/^settings-.*/, 'settings')}`,
  );
}

const BASE = [
  'Deployment api',
  'Deployment webhooks',
  'Deployment worker',
  'Namespace issue-intake',
  'NetworkPolicy clients',
  'NetworkPolicy metrics',
  'NetworkPolicy nothing-else',
  'NetworkPolicy stores',
  'PodDisruptionBudget api',
  'PodDisruptionBudget webhooks',
  'PodDisruptionBudget worker',
  'Service api',
];

test.each([
  ['base', BASE],
  ['migrate', ['Job migrate']],
  ['overlays/autoscaled', ['ScaledObject worker']],
])('every manifest of %s is what a cluster takes', (folder, expected) => {
  const manifests = manifestsOf(folder);

  expect(listed(manifests).sort()).toEqual(expected);
  for (const manifest of manifests) expect(mistakesIn(manifest)).toEqual([]);
});

test.for<[string, string[]]>([
  ['base', [...BASE, 'ConfigMap settings']],
  ['migrate', ['Job migrate']],
  ['overlays/autoscaled', [...BASE, 'ConfigMap settings', 'ScaledObject worker']],
])(
  'what kustomize makes of %s is so too, and all of it in one namespace',
  async ([folder, expected], { skip }) => {
    if (!(await hasKubectl())) skip('there is no kubectl here, which has kustomize built in');
    const manifests = await build(folder);

    expect(listed(manifests).sort()).toEqual(expected.toSorted());
    for (const manifest of manifests) {
      expect(mistakesIn(manifest)).toEqual([]);
      if (manifest.kind !== 'Namespace')
        expect(manifest.metadata).toMatchObject({ namespace: 'issue-intake' });
    }
  },
);

test('a mistake is seen: a field of the wrong type, one that is missing, one that there is not', () => {
  const service = (spec: object): Manifest =>
    Object.assign(
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', labels: { any: 'one' } } },
      { spec },
    );

  expect(mistakesIn(service({ ports: [{ port: 80 }], selector: { any: 'one' } }))).toEqual([]);
  expect(mistakesIn(service({ ports: [{ port: 'http' }] }))[0]).toContain('/spec/ports/0/port');
  expect(mistakesIn(service({ ports: [{ name: 'http' }] }))[0]).toContain('port');
  expect(mistakesIn(service({ ports: [{ port: 80, tragetPort: 80 }] }))).toEqual([
    'unknown field /spec/ports/0/tragetPort',
  ]);
  expect(mistakesIn({ ...service({}), kind: 'Sevrice' })).toEqual(['there is no schema for v1 Sevrice']);
});
