# The image of aicost: `docker build --build-arg VERSION=$(git describe --tags) -t aicost-bot .`
# For another base: `--build-context base=docker-image://…`. Dependabot reads no ARG in FROM.
FROM docker.io/library/python:3.13-slim-trixie AS base

FROM base AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never \
    UV_PROJECT_ENVIRONMENT=/opt/aicost
WORKDIR /src
COPY .github/requirements/uv.txt .github/requirements/
RUN python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir -r .github/requirements/uv.txt
# What it stands on changes less often than its own code.
COPY pyproject.toml uv.lock README.md LICENSE manifest.yml ./
RUN /opt/uv/bin/uv sync --frozen --no-dev --no-install-project
COPY bot bot
COPY providers providers
COPY simulators simulators
# What `git describe --tags` says, since git and its history are not here; `unknown` without it.
ARG VERSION
RUN echo "describe-name: $VERSION" > .git_archival.txt \
    && /opt/uv/bin/uv sync --frozen --no-dev --no-editable

FROM base
LABEL org.opencontainers.image.title="aicost" \
      org.opencontainers.image.description="What AI providers cost, in Slack" \
      org.opencontainers.image.licenses="Apache-2.0"
# A SQLite database is in /data; nothing else is written, so the root file system may be read-only.
RUN mkdir -m 0700 /data && chown 10001:10001 /data
COPY --from=build /opt/aicost /opt/aicost
ENV PATH=/opt/aicost/bin:$PATH HOME=/data AICOST_HOST=0.0.0.0 \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /data
VOLUME /data
USER 10001:10001
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python3", "-c", \
  "import http.client, os; \
   c = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('PORT') or 3000), timeout=3); \
   c.request('GET', '/healthz'); \
   raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["aicost"]
CMD ["run"]
