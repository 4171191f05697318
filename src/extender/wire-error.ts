/** A request that is not what kube-scheduler sends; the message says what is wrong and what to do. */
export class WireError extends Error {}
