/** The API group of all kinds. Labels, annotations, taints and resource names of ours start with it. */
export const GROUP = 'proffer.dev';

export const VERSION = 'v1alpha1';

/** What stands in `apiVersion` of every object of ours. */
export const API_VERSION = `${GROUP}/${VERSION}` as const;
