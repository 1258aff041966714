/**
 * `@typegrad/hub`: files of Hugging Face's hub, downloaded into the cache that Python uses too. What is in the files, its users
 * know. It runs in Node alone; `@typegrad/hub/options` runs in browsers too.
 */
export { CachedRepository, cacheFolder, isCommit, type RepositoryKind } from './cache.node.ts'
export { messageOf, pauses } from './download.node.ts'
export { Hub, type HubFile, type HubRepository, notInCache, placeOf } from './hub.node.ts'
export { checkRevision, type DownloadProgress, type HubOptions, hubChecks, isHubId } from './options.ts'
export { formatBytes, progressBar, progressLine } from './progress-bar.node.ts'
