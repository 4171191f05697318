/**
 * A time stamp as Leases and Events require it: six fractional digits. With the three of `toISOString` the API server answers 400
 * (kubernetes-client/javascript#828).
 */
export function microTime(epochSeconds: number): string {
  const micros = Math.floor(epochSeconds * 1e6);
  const fraction = String(micros % 1e6).padStart(6, '0');
  return `${new Date(Math.floor(micros / 1e6) * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}
