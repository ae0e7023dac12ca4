# The app for one person:
#   docker build --tag glico .
#   docker run --rm --publish 127.0.0.1:8501:8501 --volume glico:/data glico
# Inside, it listens on all addresses, as a container must; the port is published only to this machine. The volume keeps
# runs, uploads and the cache. For an NVIDIA GPU: build with "--build-arg TORCH_BACKEND=cu130", run with "--gpus all".
FROM python:3.13-slim

ARG TORCH_BACKEND=cpu
RUN --mount=type=bind,target=/source,rw \
    pip install --no-cache-dir --constraint /source/constraints.txt uv \
    && uv pip install --system --no-cache --torch-backend "$TORCH_BACKEND" --constraint /source/constraints.txt /source
# Copy plotly.js next to the app once, here, so that the app's folder need not be writable.
RUN cd "$(python -c 'import glico.places; print(glico.places.HOME)')" \
    && python -c "from app.components.live_chart import plotly_address; plotly_address()"

RUN useradd --create-home --uid 1000 glico && mkdir /data && chown glico /data
USER glico
WORKDIR /data
VOLUME /data
ENV GLICO_RUNS=/data/runs GLICO_UPLOADS=/data/uploads GLICO_DECISIONS=/data/decisions GLICO_CACHE=/data/cache
EXPOSE 8501
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/_stcore/health')"]
CMD ["glico", "app", "--server.address", "0.0.0.0", "--server.headless", "true"]
