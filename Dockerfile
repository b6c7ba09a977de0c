# The first stage builds, the second holds only Python, the packages and a plain user.
FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/paperboy
ENV PATH=/opt/paperboy/bin:$PATH
COPY requirements/run.txt /src/requirements/run.txt
RUN pip install --require-hashes --no-deps -r /src/requirements/run.txt
COPY . /src
RUN pip install --no-deps --no-build-isolation /src

FROM python:3.12-slim
LABEL org.opencontainers.image.title="Paperboy" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --create-home --uid 10001 paperboy \
    && install -d -o paperboy -g paperboy /data
COPY --from=build /opt/paperboy /opt/paperboy
ENV PATH=/opt/paperboy/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PAPERBOY_HOME=/data
USER paperboy
WORKDIR /data
VOLUME /data
# Exec form: the bot itself gets the signal to stop, and has time to put things down.
STOPSIGNAL SIGTERM
ENTRYPOINT ["paperboy"]
CMD ["demo"]
