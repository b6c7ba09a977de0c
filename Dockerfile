# Two stages: the first builds, the second holds Python, the packages and a plain user.
# Both begin with the same tag; what runs is compiled for it.
FROM python:3.13-slim-trixie AS build
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --no-install-recommends -y binutils \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY requirements/run.txt requirements/image.txt requirements/
# One environment to build with, and one to run in: without pip, and without what builds.
RUN python -m venv /opt/build \
    && python -m venv --without-pip /opt/paperboy \
    && /opt/build/bin/pip install --no-cache-dir --require-hashes --no-deps \
        --only-binary :all: --requirement requirements/run.txt \
    && /opt/build/bin/pip --python /opt/paperboy/bin/python install --no-cache-dir --no-compile \
        --require-hashes --no-deps --only-binary :all: --requirement requirements/image.txt
COPY . .
RUN /opt/build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheel . \
    && /opt/build/bin/pip --python /opt/paperboy/bin/python install --no-cache-dir --no-deps \
        /wheel/*.whl
# What no program reads at run time goes: locales of other languages, databases that are not ours,
# tests, stubs, sources and debug symbols of what is compiled. Modules are compiled that are used.
WORKDIR /opt/paperboy/lib/python3.13/site-packages
RUN find babel/locale-data -name '*.dat' ! -name 'root.dat' \
        ! -name 'en*.dat' ! -name 'zh*.dat' ! -name 'ko*.dat' -delete \
    && rm -r sqlalchemy/testing sqlalchemy/dialects/mssql sqlalchemy/dialects/mysql \
        sqlalchemy/dialects/oracle discord/bin \
    && find . -type d \( -name tests -o -name test \) -prune -exec rm -r {} + \
    && find . -type f \( -name '*.pyx' -o -name '*.pxd' -o -name '*.pyi' -o -name '*.c' \
        -o -name '*.h' \) -delete \
    && find . -type f -name '*.so' -exec strip --strip-debug {} + \
    && /opt/paperboy/bin/python -c 'import discord, openai, procrastinate, telegram, uvicorn' \
    && /opt/paperboy/bin/paperboy demo >/dev/null

FROM python:3.13-slim-trixie
LABEL org.opencontainers.image.title="Paperboy" \
      org.opencontainers.image.description="The day's research papers, brought to your chat" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/paperboy /opt/paperboy
# More arenas of the C library than two, and a day's full texts take 50 MB more than they need.
ENV PATH=/opt/paperboy/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MALLOC_ARENA_MAX=2 \
    PAPERBOY_HOME=/data
# The demo shows that the image works, and leaves Python's own modules compiled: the plain user
# could not write them, and would compile them anew at each start.
RUN useradd --no-log-init --no-create-home --home-dir /data --uid 10001 --user-group \
        --shell /usr/sbin/nologin paperboy \
    && install --directory --owner paperboy --group paperboy /data \
    && paperboy demo >/dev/null \
    && rm -rf /usr/local/bin/pip* /usr/local/lib/python3*/ensurepip \
        /usr/local/lib/python3*/site-packages/pip*
USER 10001:10001
WORKDIR /data
VOLUME /data
# Exec form: the bot itself is told to stop, and has time to put things down.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s --retries=3 CMD ["paperboy", "health"]
ENTRYPOINT ["paperboy"]
CMD ["demo"]
