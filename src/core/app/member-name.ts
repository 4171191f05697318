/** Name of a member and of its pod, as a StatefulSet names it: `<app>-<ordinal>`. */
export function memberName(app: string, ordinal: number): string {
  return `${app}-${ordinal}`;
}

/** The ordinal of a member or pod of this app; undefined when the name is not exactly `<app>-<ordinal>`. */
export function ordinalOf(app: string, name: string): number | undefined {
  const prefix = `${app}-`;
  if (!name.startsWith(prefix)) return undefined;
  const digits = name.slice(prefix.length);
  if (!/^(0|[1-9][0-9]{0,8})$/.test(digits)) return undefined;
  return Number(digits);
}
