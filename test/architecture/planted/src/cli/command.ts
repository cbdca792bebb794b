import { view } from '../editor/view.ts';
export const command = view;
