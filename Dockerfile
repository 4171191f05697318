# syntax=docker/dockerfile:1
# One image for the operator and the extender. Node.js comes from the locked npm packages, so that it is the version that was tested.
FROM docker.io/library/node:26-bookworm-slim AS packages
# The pinned Node.js links libatomic, which the small base below does not have.
RUN apt-get update && apt-get install -y --no-install-recommends libatomic1 && mkdir /libs && cp /usr/lib/*/libatomic.so.1 /libs/
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm install --omit=dev --no-save --no-progress

FROM gcr.io/distroless/cc-debian12:nonroot
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
