import type { Application } from '../../core/delivery/application.ts';
import type { ApplicationReport } from '../../core/report.ts';

/** What every report says of an application itself; its objects come beside it. */
export function describeApplication(application: Application, revision: string): Omit<ApplicationReport, 'objects'> {
  const { id, name, engine, foundIn, source, control, destination, applied, gates } = application;
  const { sync, health, healthMessage, notCompared, declared } = application;
  const { context = '', namespace } = destination;
  return {
    id,
    name,
    engine,
    foundIn,
    source: { kind: source.kind, path: source.path || '.', revision },
    ...(control === undefined ? {} : { control }),
    destination: namespace === undefined ? { context } : { context, namespace },
    ...(applied === undefined ? {} : { applied }),
    gates,
    ...(sync === undefined ? {} : { sync }),
    ...(health === undefined ? {} : { health }),
    ...(healthMessage === undefined ? {} : { healthMessage }),
    ...(notCompared === undefined ? {} : { notCompared }),
    ...(declared === undefined ? {} : { declared }),
  };
}
