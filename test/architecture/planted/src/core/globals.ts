export const now = (): string => process.version;
