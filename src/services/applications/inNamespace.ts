import type { Application } from '../../core/delivery/application.ts';

/**
 * An application that Plumbline applies itself, in the namespace that was chosen for objects without one. It decides as well where its
 * inventory is kept: two namespaces that one folder is applied to each have their own, and neither prunes the other's objects.
 */
export function inNamespace(application: Application, namespace: string | undefined): Application {
  const { engine, destination } = application;
  if (engine !== 'direct' || namespace === undefined || destination.namespace !== undefined) return application;
  return { ...application, destination: { ...destination, namespace } };
}
