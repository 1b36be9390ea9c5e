# Built where the Rust is as old as Cargo.toml allows and the libc as old as the runtime's.
FROM rust:1.95-bookworm AS build
WORKDIR /src

# The dependencies first, in a layer that stays until Cargo.toml or Cargo.lock changes.
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
RUN mkdir src \
    && echo 'fn main() {}' > src/main.rs \
    && touch src/lib.rs \
    && cargo build --release --locked

# Files keep their own dates, which may be older than the empty ones above: cargo goes by dates.
COPY . .
RUN touch src/main.rs src/lib.rs \
    && cargo build --release --locked

# SQLite, libpq and OpenSSL are in the binary: it links libc, libm and libgcc_s only, which are here.
FROM debian:bookworm-slim
# For TLS to PostgreSQL: sslmode=verify-full needs sslrootcert=system or this bundle's path, and OpenSSL
# looks for the bundle where the variable says.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o 10001 -g 10001 -m 0750 /var/lib/masthead
COPY --from=build /src/target/release/masthead /usr/local/bin/masthead

ENV MASTHEAD_BIND=0.0.0.0:8080 \
    MASTHEAD_METRICS_BIND=0.0.0.0:9464 \
    DATABASE_URL=sqlite:///var/lib/masthead/masthead.db \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt

# With SQLite the database lies here, and beside it the file with its secret.
WORKDIR /var/lib/masthead
VOLUME /var/lib/masthead
USER 10001:10001
# Metrics answer on 9464, which is nobody's business outside.
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["masthead", "healthcheck"]
ENTRYPOINT ["masthead"]
CMD ["serve"]
