# Answers of R to the methods of the index engine, on the Technology Achievement Index (../tai).
suppressMessages({library(psych); library(e1071); library(lpSolve); library(MASS)})
options(digits = 17)
t <- read.csv("../tai/values.csv")
codes <- unique(t$indicator); units <- unique(t$reporting_unit)
x <- matrix(t$obs_value, ncol = length(codes), byrow = TRUE, dimnames = list(units, codes))
out <- list()
add <- function(method, unit, indicator, value)
  out[[length(out) + 1]] <<- data.frame(method, unit, indicator, value)
n <- apply(x, 2, function(v) 100 * (v - min(v)) / (max(v) - min(v)))
dims <- rep(c("creation", "recent", "old", "skills"), each = 2)

# leave one out: ranks by equal weights without an indicator, without a dimension
score <- function(held) {
  parts <- sapply(unique(dims[held]), function(d) rowMeans(n[, held & dims == d, drop = FALSE]))
  rank(-round(rowMeans(parts), 9), ties.method = "min")
}
for (code in codes) add("without", units, code, score(codes != code))
for (d in unique(dims)) add("without", units, d, score(dims != d))

# alpha, alpha if an indicator is deleted; correlations
a <- suppressWarnings(suppressMessages(alpha(as.data.frame(n), check.keys = FALSE, warnings = FALSE)))
add("alpha", "", "tai", a$total$raw_alpha)
add("alpha_if_deleted", "", rownames(a$alpha.drop), a$alpha.drop$raw_alpha)
for (kind in c("pearson", "spearman", "kendall")) {
  r <- cor(n, method = kind)
  for (i in codes) add(kind, i, codes, r[, i])
}
add("skew", "", codes, apply(x, 2, skewness, type = 2))
add("kurt", "", codes, apply(x, 2, kurtosis, type = 2))

# treatment
shifted <- function(v) v - min(v) + 0.01 * (max(v) - min(v))
for (code in codes) {
  v <- shifted(x[, code])
  add("log", units, code, log(v))
  add("log_left", units, code, -log(shifted(-x[, code])))
  fit <- function(l) suppressWarnings(boxcox(v ~ 1, lambda = l, plotit = FALSE)$y)
  l <- optimise(fit, c(-2, 2), maximum = TRUE, tol = 1e-10)$maximum
  add("boxcox_lambda", "", code, l)
  add("boxcox", units, code, (v^l - 1) / l)
}

# scale and means
z <- 100 + 10 * scale(x)
pop <- 100 + 10 * sweep(sweep(x, 2, colMeans(x)), 2, sqrt(colMeans(sweep(x, 2, colMeans(x))^2)), "/")
for (code in codes) { add("z_100_10", units, code, z[, code]); add("z_100_10_n", units, code, pop[, code]) }
m <- rowMeans(pop); s2 <- rowMeans((pop - m)^2)
add("mazziotta_pareto", units, "tai", m - s2 / m)
bad <- 200 - m  # of the same indicators as a matter of what is bad
add("mazziotta_pareto_plus", units, "tai", bad + s2 / bad)
w <- 1:8 / 36
for (p in c(-2, 0.5, 2, 3)) add(paste("power", p), units, "tai", (z^p %*% w)^(1 / p))

# weights that give each indicator the same Pearson correlation with the whole
four <- n[, c("royalties", "internet", "telephones", "schooling")]
goal <- function(aim) {
  off <- function(u) { v <- exp(u); r <- cor(four, four %*% (v / sum(v))); sum((r / sum(r) - aim)^2) }
  u <- rep(0, 4)
  for (i in 1:20) u <- optim(u, off, control = list(reltol = 1e-16, maxit = 5000))$par
  exp(u) / sum(exp(u))
}
add("equal_influence", "", colnames(four), goal(rep(0.25, 4)))
add("influence_as_weights", "", colnames(four), goal(c(0.28, 0.26, 0.24, 0.22)))

# benefit of the doubt, each indicator making 10 to 40 % of the score
bod <- function(low, high) sapply(seq_len(nrow(four)), function(i) {
  v <- four[i, ]
  own <- rbind(diag(v) - low * matrix(v, 4, 4, byrow = TRUE),
               high * matrix(v, 4, 4, byrow = TRUE) - diag(v))
  lp("max", v, rbind(four, own), c(rep("<=", nrow(four)), rep(">=", 8)), c(rep(1, nrow(four)), rep(0, 8)))$objval
})
add("benefit_10_40", units, "tai", bod(0.1, 0.4))
add("benefit_0_100", units, "tai", bod(0, 1))

# gaps in time
years <- 2018:2024
series <- list(a = c(NA, 4, NA, NA, 10, 12, NA), b = c(3, NA, 5, NA, NA, NA, 1))
for (name in names(series)) {
  v <- series[[name]]; k <- !is.na(v)
  add("linear", years, name, approx(years[k], v[k], years, rule = 2)$y)
}
found <- do.call(rbind, out)
found$value <- format(found$value, digits = 15, trim = TRUE)
write.csv(found, "results.csv", row.names = FALSE)
write.csv(mtcars, "mtcars.csv", row.names = FALSE, quote = FALSE)
