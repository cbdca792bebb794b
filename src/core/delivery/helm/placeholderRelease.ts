import { fieldAt, isJsonObject } from '../../json.ts';
import { type KubeObject, nameOf } from '../../kube/objectKey.ts';

/** What `helm template` calls a release that nobody named. No file of a chart says what it is called where it is installed. */
export const placeholderRelease = 'release-name';

/** Whether an object of a chart bears that name, as charts do in names and in the label for the instance: then it stands for another. */
export function isNamedByPlaceholder(object: KubeObject): boolean {
  const labels = fieldAt(object, 'metadata', 'labels');
  const values = isJsonObject(labels) ? Object.values(labels) : [];
  const name = nameOf(object);
  return (
    name === placeholderRelease || name.startsWith(`${placeholderRelease}-`) || values.includes(placeholderRelease)
  );
}
