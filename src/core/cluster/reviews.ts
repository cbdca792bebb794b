import { type Json, type JsonObject, field, isJsonObject } from '../json.ts';
import { type ServedKind, apiVersionOfKind } from './servedKind.ts';

const rule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };

/** Kinds that are questions, not objects: the answer is the object with its status. The one user there is may do everything. */
const answers: Readonly<Record<string, JsonObject>> = {
  selfsubjectaccessreviews: { allowed: true, reason: 'the sandbox allows everything' },
  subjectaccessreviews: { allowed: true, reason: 'the sandbox allows everything' },
  localsubjectaccessreviews: { allowed: true, reason: 'the sandbox allows everything' },
  selfsubjectrulesreviews: {
    resourceRules: [rule],
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
    incomplete: false,
  },
  selfsubjectreviews: {
    userInfo: { username: 'plumbline-sandbox', groups: ['system:masters', 'system:authenticated'] },
  },
  tokenreviews: { authenticated: false },
};

/** The answer to a review, or undefined for all other kinds. */
export function reviewOf(kind: ServedKind, body: Json): JsonObject | undefined {
  if (kind.group !== 'authorization.k8s.io' && kind.group !== 'authentication.k8s.io') return undefined;
  const status = Object.hasOwn(answers, kind.resource) ? answers[kind.resource] : undefined;
  if (status === undefined) return undefined;
  const spec = field(body, 'spec');
  return {
    kind: kind.kind,
    apiVersion: apiVersionOfKind(kind),
    metadata: {},
    ...(isJsonObject(spec) ? { spec } : {}),
    status,
  };
}
