# One image for every role; the command says which: api (the default), worker or migrate.

FROM node:24.21-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
COPY client/package.json ./client/
# Optional packages are the embedded PostgreSQL of `npm start`. Install scripts
# would only fetch a second Node (the package "node") beside the image's own.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:24.21-slim
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json ./
COPY src ./src
# The page uses the client library.
COPY client ./client

# The image's user "node", by number: so Kubernetes can see that it is not root.
# The files stay root's, and the program cannot change itself.
USER 1000:1000
EXPOSE 3000
STOPSIGNAL SIGTERM

# For the API. A worker has no port to ask: switch this off there. Docker itself sees that its process lives.
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/healthz`).then(answer => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]

# Node itself is the first process, without npm or a shell around it, so signals arrive.
CMD ["node", "src/main.ts", "api"]
