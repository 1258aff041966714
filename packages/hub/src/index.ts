/**
 * `@typegrad/hub`: files of Hugging Face's hub, downloaded into the cache that Python uses too. What is in the files, its users
 * know. It runs in Node alone.
 */
export { CachedRepository, cacheFolder, isCommit, type RepositoryKind } from './cache.node.ts'
export { type DownloadProgress, messageOf, pauses } from './download.node.ts'
export {
  checkRevision,
  Hub,
  type HubFile,
  type HubOptions,
  type HubRepository,
  isHubId,
  notInCache,
  placeOf,
} from './hub.node.ts'
export { formatBytes, progressBar, progressLine } from './progress-bar.node.ts'
