/** How far the fencing hook is with a node that is silent now. `problem` and `message` are for people. */
export type FencingState =
  /** It may be asked. */
  | { readonly state: 'ready' }
  | { readonly state: 'asked' }
  /** It did not answer in time, answered what nobody understands, or said no. It is asked again. */
  | { readonly state: 'failed'; readonly problem: string }
  /** It said that a node was cut off, and the node went on: what it says counts no more. */
  | { readonly state: 'distrusted'; readonly problem: string }
  /** `isPoweredOff`: the machine is off as a whole, so nothing on it can write anywhere. */
  | { readonly state: 'fenced'; readonly message: string; readonly isPoweredOff: boolean };

/** What is asked of a fencing hook, as its JSON body. */
export interface FencingRequest {
  /** The same for the same silence of the same node, whoever asks and however often. */
  readonly id: string;
  readonly node: string;
  /** Of its Node object; empty where there is none. */
  readonly nodeUID: string;
  /** What the cloud calls the machine; empty without a cloud. */
  readonly providerID: string;
  /** `namespace/pod` of members that wait for it. */
  readonly members: readonly string[];
  readonly reason: string;
}

/**
 * Names one silence of one node. Undefined where too little is known of the node to tell this silence from an earlier one: nobody may be
 * asked then, since an old answer could be taken for a new one.
 */
export function fencingId(node: { readonly uid: string; readonly renewedAt: string }): string | undefined {
  return node.uid === '' || node.renewedAt === '' ? undefined : `${node.uid}/${node.renewedAt}`;
}
