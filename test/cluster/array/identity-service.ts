import { DRIVER } from './driver-name.ts';

/** csi.v1.Identity: the same on every socket. */
export const identityService = {
  GetPluginInfo: async () => ({ name: DRIVER, vendor_version: '1.0.0' }),
  GetPluginCapabilities: async () => ({
    capabilities: [
      { service: { type: 'CONTROLLER_SERVICE' } },
      { service: { type: 'GROUP_CONTROLLER_SERVICE' } },
      { service: { type: 'VOLUME_ACCESSIBILITY_CONSTRAINTS' } },
      { volume_expansion: { type: 'ONLINE' } },
    ],
  }),
  Probe: async () => ({ ready: { value: true } }),
};
