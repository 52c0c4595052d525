# A small image with nothing but the program: docker build -t pathproof . && docker run --rm -v "$PWD:/data" pathproof check .
FROM rust:1-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /src
COPY . .
RUN cargo build --locked --profile dist && cp target/dist/pathproof /pathproof

# The last stage of runs of GitLab needs a shell, which this has, too: --target shell
FROM alpine:3 AS shell
COPY --from=build /pathproof /usr/local/bin/pathproof
WORKDIR /data
ENTRYPOINT ["pathproof"]

FROM gcr.io/distroless/static AS static
COPY --from=build /pathproof /pathproof
WORKDIR /data
USER nonroot
ENTRYPOINT ["/pathproof"]
