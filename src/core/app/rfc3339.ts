/** Epoch seconds as Kubernetes writes times: "2026-01-02T03:04:05Z". Fractions are cut off. */
export function formatTime(seconds: number): string {
  return `${new Date(Math.floor(seconds) * 1000).toISOString().slice(0, 19)}Z`;
}

/** Epoch seconds of an RFC 3339 time; undefined when there is none or it is malformed. */
export function parseTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}
