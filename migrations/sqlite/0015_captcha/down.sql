DROP TABLE captcha_solutions;
