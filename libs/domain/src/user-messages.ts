/**
 * Cinder's user messages (cinder-map §10.3): what failed and why, in the tenant's words. `event_id` is
 * `VOLUME_<resource type>_<action>_<detail>`; clients match on it.
 */
export const MESSAGE_ACTIONS = {
  scheduleAllocateVolume: ['001', 'schedule allocate volume'],
  attachVolume: ['002', 'attach volume'],
  copyVolumeToImage: ['003', 'copy volume to image'],
  updateAttachment: ['004', 'update attachment'],
  copyImageToVolume: ['005', 'copy image to volume'],
  extendVolume: ['007', 'extend volume'],
  createVolumeFromBackend: ['008', 'create volume from backend storage'],
  createSnapshot: ['009', 'create snapshot'],
  deleteSnapshot: ['010', 'delete snapshot'],
} as const satisfies Record<string, readonly [id: string, text: string]>;

export const MESSAGE_DETAILS = {
  unknownError: ['001', 'An unknown error occurred.'],
  driverNotInitialised: ['002', 'The driver is not initialised at present.'],
  noBackend: ['003', 'No backend can take the volume.'],
  uploadFailed: ['004', 'The volume could not be uploaded to the image.'],
  attachModeInvalid: ['005', "The volume's attach mode is not valid."],
  quota: ['006', 'There is not enough quota for the operation.'],
  notEnoughSpaceForImage: ['007', 'The image needs more space than there is.'],
  driverExtendFailed: ['010', 'The driver could not extend the volume.'],
  signatureVerificationFailed: ['011', 'The image signature could not be verified.'],
  driverCreateFailed: ['012', 'The driver could not create the volume.'],
  snapshotCreateFailed: ['013', 'The snapshot could not be created.'],
  snapshotBusy: ['015', 'The snapshot is busy.'],
  snapshotDeleteFailed: ['016', 'The snapshot could not be deleted.'],
  attachFailed: ['021', 'The volume could not be attached.'],
  detachFailed: ['022', 'The volume could not be detached.'],
  volumeStateInvalid: ['027', 'The state of the volume does not allow it.'],
  imageFormatUnacceptable: ['029', 'The image format is not acceptable.'],
} as const satisfies Record<string, readonly [id: string, text: string]>;

export type MessageAction = keyof typeof MESSAGE_ACTIONS;
export type MessageDetail = keyof typeof MESSAGE_DETAILS;

export const isMessageDetail = (key: string | undefined): key is MessageDetail =>
  key !== undefined && Object.hasOwn(MESSAGE_DETAILS, key);

export const eventId = (resourceType: string, action: MessageAction, detail: MessageDetail): string =>
  `VOLUME_${resourceType}_${MESSAGE_ACTIONS[action][0]}_${MESSAGE_DETAILS[detail][0]}`;
