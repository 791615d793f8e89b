import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1';
import { Deployment } from 'kubernetes-models/apps/v1';
import { Job } from 'kubernetes-models/batch/v1';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { ConfigMap, Namespace, Service } from 'kubernetes-models/v1';
import type { Manifest } from './manifests.ts';

/*
 * Kubernetes' own schemas (kubernetes-models has them compiled) and KEDA's. They
 * let unknown fields pass, as the API server does when it is not asked to be
 * strict: a misspelled probe would simply not be there.
 */

const MODELS = [
  ConfigMap,
  Deployment,
  Job,
  Namespace,
  NetworkPolicy,
  PodDisruptionBudget,
  ScaledObject,
  Service,
];

/** What is wrong with a manifest; nothing when a cluster would take it. */
export function mistakesIn(manifest: Manifest): string[] {
  const Model = MODELS.find(
    ({ apiVersion, kind }) => apiVersion === manifest.apiVersion && kind === manifest.kind,
  );
  if (Model === undefined) return [`there is no schema for ${manifest.apiVersion} ${manifest.kind}`];
  const watched = watch(manifest);
  try {
    Model.prototype.validate.call(watched.value);
  } catch (error) {
    return [String(error)];
  }
  return watched.unread().map(field => `unknown field ${field}`);
}

/**
 * A copy that knows what has been read of it: a validator reads every field that
 * its schema has, and of those that may be anything it lists the names.
 */
function watch(root: object): { value: object; unread: () => string[] } {
  const read = new Set<string>();
  const all: string[] = [];
  const wrap = (value: unknown, at: string): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const copy: object = Array.isArray(value)
      ? value.map((each, index) => wrap(each, `${at}/${index}`))
      : Object.fromEntries(Object.entries(value).map(([key, each]) => [key, wrap(each, `${at}/${key}`)]));
    for (const key of Object.keys(copy)) all.push(`${at}/${key}`);
    return new Proxy(copy, {
      get(target, key, receiver) {
        read.add(`${at}/${String(key)}`);
        return Reflect.get(target, key, receiver);
      },
      ownKeys(target) {
        for (const key of Object.keys(target)) read.add(`${at}/${key}`);
        return Reflect.ownKeys(target);
      },
    });
  };
  return { value: Object(wrap(root, '')), unread: () => all.filter(field => !read.has(field)) };
}
