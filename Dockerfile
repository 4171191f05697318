# One image for the operator and the extender. Node.js comes from the locked npm packages, so that it is the version that was tested.
FROM docker.io/library/node:26-trixie-slim AS packages
# The pinned Node.js links libatomic, which the small base below does not have.
RUN apt-get update && apt-get install -y --no-install-recommends libatomic1 && mkdir /libs && cp /usr/lib/*/libatomic.so.1 /libs/
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Not `npm ci`: it refuses a lockfile that lacks the optional packages of platforms nobody here runs. This installs what is locked.
# npm passes over an optional package that it fails to install, and Node.js is one of them: without it the build has to fail here.
RUN npm install --omit=dev --no-save --no-progress && node_modules/.bin/node --version
# A third of what is installed is C headers, type declarations and source maps, which nothing reads when Proffer runs.
RUN rm -r node_modules/node-linux-*/include node_modules/node-linux-*/share node_modules/node-linux-*/*.md && \
    find node_modules -type f '(' -name '*.d.ts' -o -name '*.d.[cm]ts' -o -name '*.map' ')' -delete

FROM gcr.io/distroless/cc-debian13:nonroot
WORKDIR /app
COPY --from=packages /libs /usr/local/lib
COPY --from=packages /app/node_modules ./node_modules
COPY package.json ./
COPY crds ./crds
COPY src ./src
ENV NODE_ENV=production LD_LIBRARY_PATH=/usr/local/lib
USER 65532:65532
ENTRYPOINT ["/app/node_modules/.bin/node", "/app/src/main.ts"]
CMD ["help"]
